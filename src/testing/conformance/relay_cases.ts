/**
 * Relays on a storage: what a crash, a pause, a rival, a lock and a failing
 * database leave of the guarantees (G2 to G6, G8).
 *
 * @module
 */

import { createFaultyStorage, type StorageFault } from "../faulty_storage.ts";
import { check, checkEqual } from "./checks.ts";
import {
  LEASE_MS,
  type RelayBench,
  WINDOW,
  withRelays,
} from "./relay_bench.ts";
import {
  readAll,
  type StorageBench,
  type StorageCase,
} from "./storage_bench.ts";

/** More calls than a relay makes for the messages of a crash case. */
const MAX_CALLS = 60;
/** Opening, looking, taking the lease, reading, settling. */
const MIN_CALLS = 5;

/** What relays make of a storage. */
export const relayCases: readonly StorageCase[] = [
  {
    name: "relay: every committed message is delivered once, in order per key",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        relays.start();
        for (let round = 0; round < 10; round++) {
          await relays.publish("x", "y", "x", "z");
          await relays.pass(50);
        }
        await relays.drained();
        relays.checkSeen(0);
      }),
  },
  ...(["before", "after"] as const).map((when): StorageCase => ({
    name: `relay: killed ${when} each of its calls, it loses nothing`,
    async run(bench) {
      let kills = 0;
      for (let n = 1, reached = true; reached; n++) {
        check(n < MAX_CALLS, "a relay makes a bounded number of calls");
        await withRelays(bench, async (relays) => {
          const keys = ["x", "y", "x", "y", "x"];
          await relays.publish(...keys.map((key) => `${when}${n}${key}`));
          const { process } = relays.start({ stopAt: { n, when } });
          reached = await killed(relays, () => process.stopped);
          if (reached) {
            kills++;
            relays.start();
          }
          await relays.drained();
          relays.checkSeen(WINDOW);
        });
      }
      check(kills >= MIN_CALLS, "it was killed while it worked");
    },
  })),
  {
    name: "relay: killed between send and settle, it sends again",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        await relays.publish("x", "x");
        const first = relays.start();
        await relays.until(() => relays.seen().length === 1, "one is sent");
        first.process.stop();
        relays.broker.cut();
        const messages = await readAll(await bench.open());
        checkEqual(messages.length, 2, "nothing was settled");
        relays.start();
        await relays.drained();
        checkEqual(relays.seen(), ["x:1", "x:1", "x:2"], "what was seen");
      }),
  },
  {
    name: "relay: of two at once one works, and each message is sent once",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const pair = [relays.start(), relays.start()];
        for (let round = 0; round < 20; round++) {
          await relays.publish("x", "y", "x");
          await relays.pass(30);
        }
        await relays.drained();
        relays.checkSeen(0);
        const idle = pair.filter(({ relay }) =>
          relay.status().counters.delivered === 0
        );
        checkEqual(idle.length, 1, "one of them stood by");
      }),
  },
  {
    name: "relay: paused past its lease, it changes nothing when it comes back",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const one = relays.start();
        await relays.publish("x", "x", "x", "x", "y", "y");
        await relays.until(() => relays.seen().length > 0, "it sends");
        one.process.stop();
        relays.start();
        await relays.drained();
        await checkUntouched(bench, relays, () => one.process.resume());
        relays.checkSeen(WINDOW);
      }),
  },
  ...(["before", "after"] as const).map((when): StorageCase => ({
    name: `relay: paused ${when} each of its calls, it changes nothing later`,
    async run(bench) {
      for (let n = 1, reached = true; reached; n++) {
        check(n < MAX_CALLS, "a relay makes a bounded number of calls");
        await withRelays(bench, async (relays) => {
          const keys = ["x", "y", "x", "y", "x"];
          await relays.publish(...keys.map((key) => `${when}${n}${key}`));
          const { process } = relays.start({ stopAt: { n, when } });
          reached = await killed(relays, () => process.stopped);
          if (!reached) return;
          relays.start();
          await relays.drained();
          await checkUntouched(bench, relays, () => process.resume());
          relays.checkSeen(WINDOW);
        });
      }
    },
  })),
  {
    name: "relay: two take turns at one key, paused again and again",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const pair = [relays.start(), relays.start()];
        for (let round = 0; round < 12; round++) {
          await relays.publish("x", "x", "x");
          const before = relays.seen().length;
          await relays.until(() => relays.seen().length > before, "one sends");
          const holder = pair.find(({ relay }) =>
            relay.status().state === "working"
          );
          holder?.process.stop();
          await relays.pass(3 * LEASE_MS);
          holder?.process.resume();
        }
        await relays.drained();
        relays.checkSeen(12 * WINDOW);
      }),
  },
  {
    name:
      "relay: while a transaction holds the lock it waits, and then goes on",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const events: string[] = [];
        await relays.publish("x", "y", "x");
        await bench.harness.transaction(async (tx) => {
          await bench.harness.writeRow(tx, "row");
          relays.start({ observe: ({ type }) => events.push(type) });
          await relays.pass(20_000);
        });
        await relays.publish("x");
        await relays.drained();
        relays.checkSeen(0);
        check(!events.includes("message.retry"), "no attempt was spent");
        const store = await bench.open();
        const failures = await store.failures({ after: 0, limit: 9 });
        checkEqual(failures, [], "nothing has failed");
      }),
  },
  ...(["before", "after", "busy"] as const).map((fault): StorageCase => ({
    name: `relay: a database whose calls fail (${fault}) loses nothing`,
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const { storage } = bench;
        const faulty = createFaultyStorage({
          writer: null,
          migrate: () => storage.migrate(),
          open: () => storage.open(),
        }, (_, n): StorageFault => n % 3 === 2 ? fault : "ok");
        relays.start({ storage: faulty });
        for (let round = 0; round < 5; round++) {
          await relays.publish("x", "y", "x");
          await relays.pass(200);
        }
        await relays.drained();
        relays.checkSeen(0);
      }),
  })),
  {
    name:
      "relay: a dead message holds its lane alone, and is retried in its place",
    async run(bench) {
      let refuses = true;
      await withRelays(
        bench,
        async (relays) => {
          relays.start();
          await relays.publish("x", "y", "x", "y");
          await relays.until(() => relays.seen().length === 2, "y goes on");
          checkEqual(relays.seen(), ["y:1", "y:2"], "x waits, y does not");
          await relays.pass(60_000);
          const store = await bench.open();
          const [letter, ...more] = await store
            .listDead({ filter: {}, after: 0, limit: 9 });
          checkEqual(letter?.message.id, "x:1", "the dead letter");
          checkEqual(more, [], "nothing else has died");
          const { code, seq } = letter!.failure;
          checkEqual([code, seq], ["NO", letter!.message.seq], "its record");
          refuses = false;
          await store.retryDead({ id: "x:1" });
          await relays.drained();
          checkEqual(
            relays.seen().slice(2),
            ["x:1", "x:2"],
            "in its old place",
          );
        },
        ({ id }) =>
          refuses && id === "x:1"
            ? { kind: "dead", failure: { code: "NO", reason: "never" } }
            : { kind: "delivered" },
      );
    },
  },
];

/** Whether the relay reaches the point where it is killed before all is done. */
async function killed(
  relays: RelayBench,
  isStopped: () => boolean,
): Promise<boolean> {
  const endMs = relays.clock.monotonicMs() + LEASE_MS;
  void relays.clock.sleep(LEASE_MS);
  await relays.until(
    () => isStopped() || relays.clock.monotonicMs() >= endMs,
    "time passes",
  );
  return isStopped();
}

/** A relay that lost its lease sends nothing and leaves the lease alone. */
async function checkUntouched(
  bench: StorageBench,
  relays: RelayBench,
  resume: () => void,
): Promise<void> {
  const store = await bench.open();
  const seen = relays.seen();
  const { lease: { epoch, owner } } = await store.survey();
  resume();
  await relays.pass(2 * LEASE_MS);
  checkEqual(relays.seen(), seen, "it sends nothing");
  const { lease } = await store.survey();
  checkEqual(lease.epoch, epoch, "it takes no lease");
  checkEqual(lease.owner, owner, "it releases no lease of another");
}
