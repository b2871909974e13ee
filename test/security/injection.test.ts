import {
  createOutbox,
  createRelay,
  defineEvent,
  MailboatError,
  reasonOf,
  type RelayEvent,
  shorten,
  systemClock,
} from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  createMemoryStorage,
  createMemoryTransport,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { brokerWith } from "../support/mqtt_rig.ts";
import { draft } from "../support/relay_rig.ts";
import { anything } from "../support/schemas.ts";

/** A forged line, a cleared screen, a new title, a text that runs backwards. */
const FORGED =
  "ok\r\n2026-11-25 forged\u001b[2J\u001b]0;title\u0007\u202e\u2028\ud800";
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const MAX_REASON = 256;

const schema = anything();

describe("words from outside", () => {
  test.each([
    ["shown", () => shorten(FORGED)],
    ["reasons", () => reasonOf(new Error(FORGED))],
    ["messages", () => new MailboatError("INVALID_OPTION", FORGED).message],
  ])("that are %s stay on one line and in one direction", (_, shown) => {
    expect(shown()).not.toMatch(UNPRINTABLE);
    expect(shown()).toContain("forged");
  });

  test("that are reasons are cut", () => {
    expect(reasonOf("x".repeat(2 ** 20))).toHaveLength(MAX_REASON);
    expect(reasonOf("\u001b".repeat(2 ** 20))).toHaveLength(MAX_REASON);
  });

  test.each(["topic", "key", "id", "header", "name", "contentType"])(
    "are refused as a %s, and the refusal is fit for a log",
    async (field) => {
      const storage = createMemoryStorage();
      await storage.migrate();
      const outbox = createOutbox({ storage });
      const enqueue = async () => {
        const event = defineEvent(field === "name" ? FORGED : "e", {
          schema,
          topic: field === "topic" ? FORGED : "t",
          key: field === "key" ? FORGED : "k",
          ...(field === "contentType" ? { contentType: FORGED } : {}),
        });
        const headers = field === "header" ? { h: FORGED } : {};
        const id = field === "id" ? { id: FORGED } : {};
        await outbox.enqueue(storage.begin(), event(1, { headers, ...id }));
      };
      const error = await enqueue().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(MailboatError);
      expect(error.message).not.toMatch(UNPRINTABLE);
      expect(storage.snapshot().committed).toEqual([]);
    },
  );
});

describe("a broker's words", () => {
  function expectQuoted(events: readonly RelayEvent[]): void {
    const texts = events.flatMap((event) => {
      if ("failure" in event) return [event.failure.code, event.failure.reason];
      return "reason" in event ? [event.reason] : [];
    });
    expect(texts.join(" ")).toContain("forged");
    for (const text of texts) {
      expect(text).not.toMatch(UNPRINTABLE);
      expect(text.length).toBeLessThanOrEqual(MAX_REASON);
    }
  }

  async function published() {
    const storage = createMemoryStorage();
    await storage.migrate();
    const tx = storage.begin();
    await storage.writer.insert(tx, [draft("k", 1)]);
    tx.commit();
    return storage;
  }

  const long = FORGED.slice(0, -1) + "x".repeat(10_000);

  test("of a transport that quotes nothing", async () => {
    const events: RelayEvent[] = [];
    const storage = await published();
    const relay = createRelay({
      storage,
      transport: createMemoryTransport({
        clock: systemClock(),
        answer: () => ({
          kind: "dead",
          failure: { code: FORGED, reason: `${FORGED}${long}` },
        }),
      }),
      observe: (event) => events.push(event),
    });
    await relay.drain();
    expectQuoted(events);
    const [record] = storage.snapshot().failures;
    expect(record?.reason).not.toMatch(UNPRINTABLE);
    expect(record?.code).not.toMatch(UNPRINTABLE);
  });

  test.each([
    ["a refusal", { answer: () => ({ code: 0x99, text: long }) }],
    ["no welcome", { welcome: { code: 0x87, text: long } }],
  ])("over MQTT, in %s", async (_, script) => {
    const events: RelayEvent[] = [];
    const broker = await brokerWith(script);
    const relay = createRelay({
      storage: await published(),
      transport: mqttTransport(broker.url),
      reconnectCapMs: 250,
      observe: (event) => events.push(event),
    });
    await relay.drain({ budgetMs: 2_000 });
    expectQuoted(events);
    await relay.stop({ graceMs: 0 });
  });
});

test("names of every prototype leave the prototypes alone", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const hostile = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  );
  const define = (options: object) => () =>
    defineEvent("e", { schema, topic: "t", ...options });
  expect(define({ headers: hostile })).toThrow(MailboatError);
  expect(define(hostile)).not.toThrow();
  expect(() => mqttTransport("mqtt://h", hostile)).not.toThrow();
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});
