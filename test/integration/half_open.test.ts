/**
 * A link that looks alive and carries nothing, or loses one answer.
 */

import { createRelay, type RelayEvent } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Answer,
  startScriptedBroker,
} from "../support/scripted_broker.ts";
import { fill } from "../support/seeding.ts";

const SEND_TIMEOUT_MS = 500;
const MESSAGES = 200;
/** For a busy machine. */
const MARGIN_MS = 2_000;

test.each<[string, (nth: number, connection: number) => Answer]>([
  // Pings are answered, so that no keep-alive finds it.
  ["that swallows all", (_, connection) => connection === 1 ? "hold" : 0],
  ["that loses one PUBACK", (nth) => nth === 20 ? "hold" : 0],
])(
  "a link %s is left within the deadline, and everything arrives",
  { timeout: 30_000 },
  async (_, answer) => {
    const database = await createBusinessDatabase();
    await fill(database, { messages: MESSAGES, keys: 10 });
    const broker = await startScriptedBroker({
      answer: () => answer(broker.published.length, broker.connects.length),
    });
    onTestFinished(() => broker.close());
    const events: (RelayEvent & { atMs: number })[] = [];
    const relay = createRelay({
      storage: libsqlStorage(database.client),
      transport: mqttTransport(broker.url),
      sendTimeoutMs: SEND_TIMEOUT_MS,
      reconnectBaseMs: 20,
      observe: (event) => events.push({ ...event, atMs: performance.now() }),
    });
    const startedAtMs = performance.now();
    await relay.drain();

    const lost = events.filter(({ type }) => type === "transport.lost");
    expect(lost.length).toBe(1);
    expect(lost[0]!.atMs - startedAtMs)
      .toBeLessThan(SEND_TIMEOUT_MS + MARGIN_MS);
    expect(broker.connects.length).toBe(2);
    const ids = broker.published.map(({ properties }) =>
      String({ ...properties?.userProperties }["id"])
    );
    expect(new Set(ids).size).toBe(MESSAGES);
    await eventually(() => broker.sockets === 0, "the end of all connections");
  },
);
