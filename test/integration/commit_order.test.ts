/**
 * The order of deliveries is the order of commits, whoever began first and
 * whatever the clocks say.
 */

import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import type { StepOrder } from "../support/children/step_orders.ts";
import { flawless, judge } from "../support/history.ts";
import { startObservedBroker } from "../support/observed_broker.ts";
import {
  relayProgram,
  steppedWriterProgram,
  writerProgram,
} from "../support/processes.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();
const startSteps = steppedWriterProgram();

const ROUNDS = 10;
const DAY_MS = 86_400_000;
const KEY = "k1";

test.for(
  [
    ["clocks that agree", 0],
    ["the clock set back by a day between them", -DAY_MS],
    ["the clock set back to 1970 between them", -Date.now()],
  ] as const,
)(
  "overlapping transactions on one key are delivered in the order of their commits: %s",
  async ([, offsetMs], context) => {
    const broker = await startObservedBroker(context);
    const database = await createBusinessDatabase();
    const { path } = database;
    const relay = await startRelay();
    const [one, other] = [
      await startSteps(database),
      await startSteps(database),
    ];
    let n = 0;
    const write = (): StepOrder => ({ step: "write", key: KEY, n: ++n });
    for (let round = 0; round < ROUNDS; round++) {
      // It finds one half, and watches the other being written.
      if (round === ROUNDS / 2) {
        relay.tell({ path, url: broker.url, relay: { pollMs: 20 } });
      }
      // The one that begins first commits last.
      await one.take({ step: "begin", mode: "deferred" });
      await other.take({ step: "set clock", offsetMs: 0 });
      await other.take({ step: "begin", mode: "write" });
      await other.take(write());
      await other.take({ step: "commit" });
      await one.take({ step: "set clock", offsetMs });
      await one.take(write());
      // The other one begins, and waits for the lock.
      const begun = other.take({ step: "begin", mode: "write" });
      await one.take(write());
      await one.take({ step: "commit" });
      await begun;
      await other.take({ step: "set clock", offsetMs: 2 * offsetMs });
      await other.take(write());
      await other.take({ step: "commit" });
    }
    const committed = await database.readings();
    await broker.reached(committed.length);
    const { received } = broker;
    expect(judge({ committed, received, duplicatesAllowed: 0 }))
      .toMatchObject(flawless);
    expect(received.map((receipt) => receipt.n)).toEqual(
      Array.from({ length: 4 * ROUNDS }, (_, at) => at + 1),
    );
  },
);

test("sequences go on after the outbox was emptied and every process has ended", async (context) => {
  const broker = await startObservedBroker(context);
  const database = await createBusinessDatabase();
  const { path, client } = database;
  for (let round = 1; round <= 3; round++) {
    const writer = await startWriter();
    writer.tell({
      path,
      through: "drizzle",
      seed: round,
      keys: 3,
      transactions: 5,
      pauseMs: 0,
    });
    await writer.ended;
    const relay = await startRelay();
    relay.tell({ path, url: broker.url, relay: { leaseMs: 200 } });
    await database.drained();
    relay.signal("SIGTERM");
    await relay.ended;
    // What is left is one row, which only keeps its sequence.
    const { rows } = await client.execute("SELECT done FROM mailboat_message");
    expect(rows.map(({ done }) => done)).toEqual([1]);
    client.close();
    client.reconnect();
  }
  const { length } = await database.readings();
  await broker.reached(length);
  const seqs = broker.received.map(({ seq }) => seq);
  expect([...new Set(seqs)]).toHaveLength(length);
  expect(Math.max(...seqs)).toBe(await database.newestSeq());
  const committed = await database.readings();
  const seqOf = new Map(broker.received.map(({ id, seq }) => [id, seq]));
  const inCommitOrder = committed.map(({ id }) => seqOf.get(id)!);
  expect(inCommitOrder).toEqual(seqs.toSorted((a, b) => a - b));
});
