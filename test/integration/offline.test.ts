/**
 * A relay whose broker is away says so once.
 */

import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { eventually } from "../support/eventually.ts";
import {
  type ScriptedBroker,
  type ScriptedBrokerOptions,
  startScriptedBroker,
} from "../support/scripted_broker.ts";
import { fill } from "../support/seeding.ts";
import { triesOf } from "../support/tries.ts";
import {
  look,
  type WatchedRelay,
  watchedRelayProgram,
} from "../support/watched_relay.ts";

const startRelay = watchedRelayProgram();

const MESSAGES = 1_000;
/** So many tries make no news. */
const TRIES = 10;

test("an outage is told of once, and again when it is for another reason", async () => {
  const database = await createBusinessDatabase();
  await fill(database, { messages: MESSAGES, keys: 100 });
  const relay = await startRelay();
  const url = await deadUrl();
  const impatient = { reconnectBaseMs: 10, reconnectCapMs: 10 };
  relay.tell({ path: database.path, url, relay: impatient });
  await relay.heard("transport.unavailable", 0);
  await manyTries(relay);

  const busy = await comesTo(url, { welcome: { code: 0x89 } });
  await relay.heard("transport.unavailable", 1);
  await manyTries(relay);
  await busy.close();
  await relay.heard("transport.unavailable", 2);
  await manyTries(relay);
  const broker = await comesTo(url);
  await database.drained();
  await broker.close();
  await fill(database, { messages: MESSAGES, keys: 100 });
  await relay.heard("transport.unavailable", 3);
  await manyTries(relay);

  relay.tell("stop");
  await relay.ended;
  const told = relay.reports.filter(({ type }) => type.startsWith("transport"));
  expect(told.map((event) => "code" in event ? event.code : event.type))
    .toEqual([
      "TRANSPORT_UNAVAILABLE",
      "TRANSPORT_REFUSED",
      "TRANSPORT_UNAVAILABLE",
      "transport.connected",
      "transport.lost",
      "TRANSPORT_UNAVAILABLE",
    ]);
});

/** Where nobody listens, and a broker may come to. */
async function deadUrl(): Promise<string> {
  const broker = await startScriptedBroker();
  await broker.close();
  return broker.url;
}

async function comesTo(
  url: string,
  script: ScriptedBrokerOptions = {},
): Promise<ScriptedBroker> {
  const port = Number(new URL(url).port);
  const broker = await startScriptedBroker({ ...script, port });
  onTestFinished(() => broker.close());
  return broker;
}

/** Resolves when there were {@link TRIES} more tries. */
async function manyTries(relay: WatchedRelay): Promise<void> {
  let first = 0;
  await eventually(async () => {
    const tries = triesOf(await look(relay));
    first ||= tries;
    return tries >= first + TRIES;
  }, "more tries");
}
