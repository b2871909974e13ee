/**
 * Relays on a storage: what a rival, a lock, a failing database and a refused
 * message leave of the guarantees (G2 to G6, G8).
 *
 * @module
 */

import { createFaultyStorage, type StorageFault } from "../faulty_storage.ts";
import { check, checkEqual } from "./checks.ts";
import { LEASE_MS, WINDOW, withRelays } from "./relay_bench.ts";
import type { StorageCase } from "./storage_bench.ts";

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
    interactive: true,
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const events: string[] = [];
        await relays.publish("x", "y", "x");
        await bench.holding(async (tx) => {
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
