/**
 * The relay is killed between the acknowledgement and its record.
 */

import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import type { RelayOrder } from "../support/children/relay_orders.ts";
import { eventually } from "../support/eventually.ts";
import { relayProgram, writerProgram } from "../support/processes.ts";
import { startScriptedBroker } from "../support/scripted_broker.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();

test("a message that was acknowledged but not recorded is delivered again", async () => {
  const database = await createBusinessDatabase();
  let answer: "hold" | 0 = "hold";
  const broker = await startScriptedBroker({ answer: () => answer });
  onTestFinished(() => broker.close());
  const writer = await startWriter();
  const { path } = database;
  writer.tell({
    path,
    through: "libsql",
    seed: 1,
    keys: 1,
    transactions: 1,
    pauseMs: 0,
  });
  await writer.heard("done", 0);
  const [reading] = await database.readings();

  const order: RelayOrder = {
    path,
    url: broker.url,
    relay: { leaseMs: 300, pollMs: 20 },
    tell: ["message.delivered", "settled"],
  };
  const first = await startRelay();
  first.tell(order);
  await eventually(() => broker.published.length === 1, "the first send");
  // Nobody can record anything while this is open.
  const lock = await database.client.transaction("write");
  broker.release();
  await first.heard("message.delivered", 0);
  await first.heard("store.failed", 0);
  await first.kill();
  expect(first.all("settled")).toEqual([]);
  lock.close();
  expect(await database.backlog()).toBe(reading!.size);

  answer = 0;
  const second = await startRelay();
  second.tell(order);
  await database.drained();
  const ids = broker.published.map(({ properties }) =>
    properties?.userProperties?.["id"]
  );
  const rows = await database.readings();
  expect(ids).toEqual([reading!.id, ...rows.map(({ id }) => id)]);
});
