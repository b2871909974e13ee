import { createRelay, type RelayEvent } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  createMemoryStorage,
  createSeededRandom,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { brokerWith } from "../support/mqtt_rig.ts";
import { draft } from "../support/relay_rig.ts";
import type { ScriptedBrokerOptions } from "../support/scripted_broker.ts";

const ACKNOWLEDGE_MS = 200;
const BUDGET_MS = 1_200;
/** Far more than the budget, as other processes want the processor as well. */
const LATEST_MS = 10_000;

/** Lets a relay at a broker; tells what it saw of its one message. */
async function attempt(script: ScriptedBrokerOptions) {
  const storage = createMemoryStorage();
  await storage.migrate();
  const tx = storage.begin();
  await storage.writer.insert(tx, [draft("k", 1)]);
  tx.commit();
  const broker = await brokerWith(script);
  const events: RelayEvent[] = [];
  const relay = createRelay({
    storage,
    transport: mqttTransport(broker.url, { protocol: script.protocol ?? 5 }),
    sendTimeoutMs: ACKNOWLEDGE_MS,
    connectTimeoutMs: ACKNOWLEDGE_MS,
    reconnectBaseMs: 50,
    reconnectCapMs: 50,
    observe: (event) => events.push(event),
  });
  const began = performance.now();
  const { delivered } = await relay.drain({ budgetMs: BUDGET_MS });
  await relay.stop({ graceMs: 0 });
  return {
    delivered,
    tookMs: performance.now() - began,
    kept: storage.snapshot().messages.length,
    events,
  };
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const repeated = (count: number, ...values: number[]) =>
  Uint8Array.from(
    { length: count * values.length },
    (_, at) => values[at % values.length]!,
  );
const text = (value: string) => new TextEncoder().encode(value);

describe("a message is kept, and the relay comes back in time, when the broker", () => {
  const welcomes: Readonly<Record<string, Uint8Array>> = {
    "speaks another protocol": text("HTTP/1.1 400 Bad Request\r\n\r\n"),
    "says nothing but zeros": repeated(4_096, 0),
    "says nothing but ones": repeated(4_096, 0xff),
    "announces a CONNACK of 256 MiB": bytes(0x20, 0xff, 0xff, 0xff, 0x7f, 0, 0),
    "has a length without end": bytes(0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f),
    "welcomes with properties that are cut": bytes(0x20, 4, 0, 0, 9, 0x11),
    "acknowledges before it welcomes": bytes(0x40, 2, 0, 1),
    "asks for more authentication": bytes(0xf0, 2, 0x18, 0),
  };

  test.each(Object.entries(welcomes))("%s", async (_, welcome) => {
    const { delivered, kept, tookMs } = await attempt({ welcome });
    expect([delivered, kept]).toEqual([0, 1]);
    expect(tookMs).toBeLessThan(LATEST_MS);
  });

  const answers: Readonly<Record<string, Uint8Array>> = {
    "welcomes without end": repeated(1_000, 0x20, 3, 0, 0, 0),
    "acknowledges every message but this one": Uint8Array.from(
      Array.from({ length: 1_000 }, (_, at) => [
        0x40,
        2,
        (at + 2) >> 8,
        (at + 2) & 0xff,
      ]).flat(),
    ),
    "acknowledges number zero": bytes(0x40, 2, 0, 0),
    "acknowledges by the wrong kind": bytes(0x50, 2, 0, 1, 0x70, 2, 0, 1),
    "acknowledges with half a packet": bytes(0x40, 2, 0),
    "acknowledges with a reason nobody knows": bytes(0x40, 3, 0, 1, 0x55),
    "sends a packet of 256 MiB": bytes(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1),
    "sends garbage": repeated(4_096, 0xde, 0xad, 0xbe, 0xef),
    "answers pings that nobody sent": repeated(1_000, 0xd0, 0),
    "publishes what nobody asked for": bytes(0x30, 4, 0, 1, 0x74, 0),
  };

  test.each(Object.entries(answers))("%s", async (_, answer) => {
    const { delivered, kept, tookMs } = await attempt({ answer: () => answer });
    expect([delivered, kept]).toEqual([0, 1]);
    expect(tookMs).toBeLessThan(LATEST_MS);
  });
});

test("no garbage is taken for an acknowledgement", async () => {
  const random = createSeededRandom(7);
  const strays: unknown[] = [];
  const note = (reason: unknown) => strays.push(reason);
  process.on("unhandledRejection", note);
  try {
    for (let round = 0; round < 4; round++) {
      const { delivered, kept } = await attempt({
        protocol: random.pick([4, 5]),
        answer: () => {
          // No packet type that could be an acknowledgement by chance.
          const garbage = random.bytes(random.integer(1, 2_000));
          garbage[0] = (garbage[0]! & 0x0f) |
            random.pick([0x00, 0x10, 0x80, 0xf0]);
          return garbage;
        },
      });
      expect([delivered, kept]).toEqual([0, 1]);
    }
  } finally {
    process.removeListener("unhandledRejection", note);
  }
  expect(strays).toEqual([]);
}, 60_000);
