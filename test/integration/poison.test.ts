/**
 * Messages that make the broker end the connection, each of them every time.
 */

import { createRelay, type RelayEvent } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import type { IPublishPacket } from "mqtt-packet";
import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import {
  type Answer,
  startScriptedBroker,
} from "../support/scripted_broker.ts";
import { fill } from "../support/seeding.ts";

const MESSAGES = 10_000;
const KEYS = 100;
const MAX_ENDS = 5;

/** Which messages are poison, as `key:n`. */
const POISON = ["k7:1", "k42:50", "k99:100"];

/** The key and the position of a message in its key. */
function labelOf(payload: Uint8Array | string): string {
  const { key, n } = JSON.parse(new TextDecoder().decode(
    payload as Uint8Array,
  ));
  return `${key}:${n}`;
}

test.each<[name: string, protocol: 5 | 4, answers: readonly Answer[]]>([
  ["DISCONNECT 0x95, 0x90 and 0x99", 5, [
    Uint8Array.of(0xe0, 2, 0x95, 0),
    Uint8Array.of(0xe0, 2, 0x90, 0),
    Uint8Array.of(0xe0, 2, 0x99, 0),
  ]],
  ["silence on 5", 5, ["cut", "cut", "cut"]],
  ["silence on 3.1.1", 4, ["cut", "cut", "cut"]],
])(
  `a backlog of ${MESSAGES} with three poisonous messages drains, at the price of at most ${MAX_ENDS} connections each: %s`,
  { timeout: 120_000 },
  async (name, protocol, answers) => {
    const database = await createBusinessDatabase();
    await fill(database, { messages: MESSAGES, keys: KEYS });
    const answer = ({ payload }: IPublishPacket): Answer =>
      answers[POISON.indexOf(labelOf(payload as Uint8Array))] ?? 0;
    const broker = await startScriptedBroker({ protocol, answer });
    onTestFinished(() => broker.close());
    const graves: Extract<RelayEvent, { type: "message.dead" }>[] = [];
    let delivered = 0;
    let onDone = () => {};
    const done = new Promise<void>((resolve) => onDone = resolve);
    const relay = createRelay({
      storage: libsqlStorage(database.client),
      transport: mqttTransport(broker.url, { protocol, format: "raw" }),
      onDead: "skip",
      reconnectBaseMs: 20,
      reconnectCapMs: 100,
      observe: (event) => {
        if (event.type === "message.dead") graves.push(event);
        if (event.type === "message.delivered") delivered += 1;
        if (delivered + graves.length === MESSAGES) onDone();
      },
    });
    const startedAtMs = performance.now();
    const running = relay.run();
    await done;
    const seconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
    const ends = broker.connects.length - 1;
    console.info(
      `${name}: ${ends} ends for ${POISON.length} messages, ${seconds} s`,
    );
    await relay.stop();
    await running;

    expect(graves.length).toBe(POISON.length);
    for (const { failure } of graves) {
      expect(failure.reason).toContain("this message alone");
    }
    expect(ends).toBeLessThanOrEqual(POISON.length * MAX_ENDS);

    // The last copies of each key are in order, and nothing else is missing.
    const labels = broker.published.map(({ payload }) =>
      labelOf(payload as Uint8Array)
    );
    expect(new Set(labels).size).toBe(MESSAGES);
    const first = new Map<string, number>();
    for (const label of labels) {
      const [key, n] = label.split(":") as [string, string];
      const expected = (first.get(key) ?? 0) + 1;
      expect(Number(n)).toBeLessThanOrEqual(expected);
      first.set(key, Math.max(Number(n), first.get(key) ?? 0));
    }
  },
);
