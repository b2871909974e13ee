/**
 * The broker is gone and the application goes on: what waits is in the
 * database, and not in the memory of the relay, its transport or mqtt.js.
 */

import { expect, onTestFinished, test } from "vitest";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import type { Look } from "../support/children/watched_relay.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Mosquitto,
  startMosquitto,
  withoutMosquitto,
} from "../support/mosquitto.ts";
import { copy, fill } from "../support/seeding.ts";
import {
  look,
  type WatchedRelay,
  watchedRelayProgram,
} from "../support/watched_relay.ts";
import { triesOf } from "../support/tries.ts";

const startRelay = watchedRelayProgram();

const MESSAGES = 1_000_000;
const KEYS = 10_000;
/** The million is committed in so many transactions, each of which is a hint. */
const COMMITS = 10;
const MAX_GROWTH_BYTES = 8 * 2 ** 20;
/**
 * Of the defaults: with fewer than `readBatch` as many again are read, and the
 * window comes back when the connection is lost.
 */
const MAX_QUEUED = 2 * 256 - 1 + 64;
/** Many tries: what each leaves behind would add up. */
const IMPATIENT = { reconnectBaseMs: 20, reconnectCapMs: 100 };

/** The first message, and the start of an outage. */
type Beginning = (
  database: BusinessDatabase,
  relay: WatchedRelay,
  broker: Mosquitto,
) => Promise<void>;

const neverThere: Beginning = async (database, relay, broker) => {
  await fill(database, { messages: 1, keys: 1 });
  await broker.stop();
  relay.tell({ path: database.path, url: broker.url, relay: IMPATIENT });
};

const goneInTheMiddle: Beginning = async (database, relay, broker) => {
  await fill(database, { messages: 20_000, keys: 100 });
  relay.tell({ path: database.path, url: broker.url, relay: IMPATIENT });
  const delivering = async () =>
    (await look(relay)).status.counters.delivered > 1_000;
  while (!await delivering());
  await broker.stop();
  await relay.heard("transport.lost", 0);
  expect(await database.backlog(), "the broker went too late")
    .toBeGreaterThan(1_000);
};

test.for<[string, Beginning]>([
  ["that was never there", neverThere],
  ["that went away in the middle", goneInTheMiddle],
])(
  `with ${MESSAGES} messages enqueued for a broker %s, memory does not grow`,
  { timeout: 60_000 },
  async ([name, begin], { skip }) => {
    skip(withoutMosquitto, "mosquitto is not installed");
    const database = await createBusinessDatabase();
    const relay = await startRelay();
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    await begin(database, relay, broker);
    await relay.heard("transport.unavailable", 0);
    const before = await look(relay);

    await fill(database, { messages: KEYS, keys: KEYS });
    const looks: Look[] = [];
    for (let commit = 1; commit <= COMMITS; commit++) {
      await copy(database, {
        name: `copy-${commit}`,
        messages: KEYS,
        times: MESSAGES / KEYS / COMMITS,
      });
      looks.push(await look(relay));
    }
    const after = looks.at(-1)!;
    const grownBytes = Math.max(...looks.map(({ bytes }) => bytes)) -
      before.bytes;
    const tries = Math.max(...looks.map(triesOf));
    console.info(
      `a broker ${name}: ${mib(before.bytes)} before, ${mib(after.bytes)} ` +
        `after, ${mib(grownBytes)} more at the most; resident ` +
        `${mib(before.residentBytes)} and ${mib(after.residentBytes)}; ` +
        `${after.status.queued} queued; ${tries} tries`,
    );
    expect(await database.backlog()).toBeGreaterThan(MESSAGES);
    expect(grownBytes).toBeLessThan(MAX_GROWTH_BYTES);
    for (const { status } of looks) {
      expect(status.queued).toBeLessThanOrEqual(MAX_QUEUED);
      expect(status.inFlight + status.unsettled).toBe(0);
    }
    expect(tries).toBeGreaterThan(COMMITS);

    const { delivered } = after.status.counters;
    const connected = relay.heard("transport.connected");
    const back = await startMosquitto({ port: broker.port });
    onTestFinished(() => back.stop());
    await connected;
    await eventually(
      async () => (await look(relay)).status.counters.delivered > delivered,
      "the first message after the outage",
    );
    relay.tell("stop");
    expect(await relay.ended).toEqual({ code: 0, signal: null });
  },
);

const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
