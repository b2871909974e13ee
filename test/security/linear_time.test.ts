import {
  createDeadLetters,
  createOutbox,
  decodeEvent,
  defineEvent,
  reasonOf,
  shorten,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { createSyncMemoryStorage } from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { anything } from "../support/schemas.ts";

const SIZE = 2 ** 19;
const LIMIT_MS = 50;
const GROWTH = 2.5;
/** It ends with the first that fits, so that only what does not fit takes so many. */
const ROUNDS = 200;
/** What takes less is as good as nothing, and cannot be compared. */
const NOTHING_MS = 5;

type Work = (size: number) => () => unknown;

/** Noise only ever adds to a time: the least of several tells. */
function leastTimes(work: Work): { once: number; twice: number } {
  const [small, large] = [work(SIZE), work(2 * SIZE)];
  let once = Infinity;
  let twice = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    once = Math.min(once, timed(small));
    twice = Math.min(twice, timed(large));
    if (fits(once, twice)) break;
  }
  return { once, twice };
}

function fits(once: number, twice: number): boolean {
  return twice <= LIMIT_MS && (twice <= NOTHING_MS || twice <= GROWTH * once);
}

/** Time on the processor, in ms: what others do to the machine is no part of it. */
function timed(work: () => unknown): number {
  const began = process.cpuUsage();
  try {
    work();
  } catch {
    // A refusal is an answer too.
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}

const schema = anything();

const define = (options: object) => () =>
  defineEvent("e", { schema, topic: "t", ...options });

const storage = createSyncMemoryStorage();
await storage.migrate();
const outbox = createOutbox({ storage });
const event = defineEvent("e", { schema, topic: "t" });

const enqueue = (data: unknown, options: object = {}) => () => {
  const tx = storage.begin();
  try {
    return outbox.enqueue(tx, event(data, options));
  } finally {
    tx.rollback();
  }
};

const utf8 = (text: string) => new TextEncoder().encode(text);

/** One that a careless pattern would read over and over again. */
const EVIL: Readonly<Record<string, (size: number) => string>> = {
  "the same letter": (size) => "a".repeat(size),
  "slashes": (size) => "/".repeat(size),
  "blanks with an end": (size) => `${" ".repeat(size)}x`,
  "two bytes each": (size) => "é".repeat(size),
  "control characters": (size) => "\u001b".repeat(size),
  "lone surrogates": (size) => "\ud800".repeat(size),
  "a media type that never ends": (size) => "a/json \t".repeat(size / 8),
};

describe.each(Object.entries(EVIL))("1 MiB of %s", (_, evil) => {
  const works: Readonly<Record<string, (text: string) => () => unknown>> = {
    "an event's name": (text) => () =>
      defineEvent(text, { schema, topic: "t" }),
    "a topic": (topic) => define({ topic }),
    "a key": (key) => define({ key }),
    "a header's name": (name) => define({ headers: { [name]: "x" } }),
    "a header's value": (x) => define({ headers: { x } }),
    "a content type": (contentType) => define({ contentType }),
    "an id": (id) => enqueue(1, { id }),
    "a payload": (text) => enqueue(text),
    "a property's name": (text) => enqueue({ [text]: 1 }),
    "a prefix": (prefix) => () => libsqlStorage("/nowhere/a.db", { prefix }),
    "a URL": (text) => () => mqttTransport(`mqtt://${text}`),
    "a client id": (clientId) => () => mqttTransport("mqtt://h", { clientId }),
    "a password": (password) => () =>
      mqttTransport("mqtt://h", { username: "u", password }),
    "a certificate": (ca) => () => mqttTransport("mqtts://h", { tls: { ca } }),
    "a server name": (serverName) => () =>
      mqttTransport("mqtts://h", { tls: { serverName } }),
    "a reason": (text) => () => reasonOf(new Error(text)),
    "a value that is shown": (text) => () => shorten(text),
    "a received property": (text) => () =>
      decodeEvent({
        payload: new Uint8Array(),
        properties: { contentType: text, userProperties: { sequence: text } },
      }),
    "a received event": (text) => {
      // Escaped, a character has up to six bytes.
      const datacontenttype = text.slice(text.length * 5 / 6);
      const payload = utf8(JSON.stringify({ datacontenttype, data: "x" }));
      return () => decodeEvent({ payload });
    },
  };

  test.each(Object.entries(works))("as %s", (_, work) => {
    const { once, twice } = leastTimes((size) => work(evil(size)));
    expect(fits(once, twice), `${once} ms, doubled ${twice} ms`).toBe(true);
  });
});

describe("much of something", () => {
  const nested = (depth: number) => {
    let value: unknown = null;
    for (let level = 0; level < depth; level++) value = [value];
    return value;
  };
  const works: Readonly<Record<string, Work>> = {
    "headers": (size) => {
      const names = Array.from(
        { length: size / 10 },
        (_, at) => [`h${at}`, "x"],
      );
      return define({ headers: Object.fromEntries(names) });
    },
    "levels of a payload": (size) => enqueue(nested(size / 50)),
    "levels of a received event": (size) => {
      const depth = size / 50;
      const text = `{"data":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const payload = utf8(text);
      return () => decodeEvent({ payload });
    },
    "received properties": (size) => {
      const userProperties = Object.fromEntries(
        Array.from({ length: size / 50 }, (_, at) => [`p${at}`, "x"]),
      );
      const payload = new Uint8Array();
      return () => decodeEvent({ payload, properties: { userProperties } });
    },
    "issues of a schema": (size) => {
      const issues = Array.from({ length: size / 10 }, (_, at) => ({
        message: "m",
        path: [at],
      }));
      const strict = {
        "~standard": {
          version: 1,
          vendor: "security",
          validate: () => ({ issues }),
        },
      } as const;
      const refused = defineEvent("e", { schema: strict, topic: "t" });
      return () => outbox.enqueue(storage.begin(), refused(1));
    },
  };

  test.each(Object.entries(works))("%s", (_, work) => {
    const { once, twice } = leastTimes(work);
    expect(fits(once, twice), `${once} ms, doubled ${twice} ms`).toBe(true);
  });
});

test.each([1, 16])(
  "a payload of %i MiB is refused before anything is stored",
  async (mebibytes) => {
    const bytes = mebibytes * 2 ** 20;
    for (const bomb of [new Uint8Array(bytes), "a".repeat(bytes)]) {
      expect(enqueue(bomb)).toThrow(
        expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
      );
    }
    await using letters = createDeadLetters({ storage });
    expect(await letters.list()).toEqual([]);
    expect(storage.snapshot().committed).toEqual([]);
  },
);
