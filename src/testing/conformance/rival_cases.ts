/**
 * Relays with rivals and obstacles: another relay, transactions that hold the
 * lock, a broker that fails (G2, G3, G4, G6, G8).
 *
 * @module
 */

import { createFaultyTransport, type SendFault } from "../faulty_transport.ts";
import { createSeededRandom } from "../seeded_random.ts";
import { check } from "./checks.ts";
import { LEASE_MS, WINDOW, withRelays } from "./relay_bench.ts";
import type { StorageCase } from "./storage_bench.ts";

/** Races of leases for each race of relays. */
const RACES_PER_ROUND = 10;

/** What stands in a relay's way. */
export const rivalCases: readonly StorageCase[] = [
  {
    name: "relay: two race over one key, paused anywhere and for any time",
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const random = createSeededRandom(bench.races);
        const rounds = Math.ceil(bench.races / RACES_PER_ROUND);
        const pair = [relays.start(), relays.start()];
        for (let round = 0; round < rounds; round++) {
          await relays.publish("x", "x");
          await relays.pass(random.integer(0, 60));
          const { process } = random.pick(pair);
          process.stop();
          await relays.pass(random.pick([10, LEASE_MS, 3 * LEASE_MS]));
          process.resume();
        }
        await relays.drained();
        relays.checkSeen(rounds);
      }),
  },
  {
    name: "relay: transactions hold the lock while it works, for over a lease",
    interactive: true,
    run: (bench) =>
      withRelays(bench, async (relays) => {
        const rounds = 5;
        const attempts: string[] = [];
        for (let relay = 0; relay < 2; relay++) {
          relays.start({
            observe: ({ type }) => {
              if (/retry|dead$/.test(type)) attempts.push(type);
            },
          });
        }
        for (let round = 0; round < rounds; round++) {
          const before = relays.seen().length;
          await relays.publish("x", "y", "x", "y");
          await relays.until(() => relays.seen().length > before, "it sends");
          await bench.holding(async (tx) => {
            await bench.harness.writeRow(tx, `row ${round}`);
            await relays.pass(3 * LEASE_MS);
          });
        }
        await relays.drained();
        relays.checkSeen(rounds * WINDOW);
        check(attempts.length === 0, "no attempt was spent");
      }),
  },
  ...(["refuse", "hang", "fail", "lose"] as const).map((
    fault: SendFault,
  ): StorageCase => ({
    name: `relay: a broker that fails (${fault}) loses nothing`,
    run: (bench) =>
      withRelays(bench, async (relays) => {
        let faults = 0;
        const transport = createFaultyTransport(relays.broker, {
          send: (_, n) => {
            if (n % 3 !== 2) return "ok";
            faults++;
            return fault;
          },
        });
        relays.start({ transport });
        for (let round = 0; round < 4; round++) {
          await relays.publish("x", "y", "x");
          await relays.pass(200);
        }
        await relays.drained();
        relays.checkSeen(fault === "refuse" ? 0 : faults * WINDOW);
        check(faults > 0, "it failed");
      }),
  })),
];
