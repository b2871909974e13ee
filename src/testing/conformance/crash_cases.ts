/**
 * Crashes and pauses: a relay is killed or stopped at each of its calls, and
 * another one takes over (G2, G3, G4).
 *
 * @module
 */

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

/** More calls than a relay makes for the messages of a case. */
const MAX_CALLS = 60;
/** Opening, looking, taking the lease, reading, settling. */
const MIN_CALLS = 5;

/** What a process that dies or stands still leaves behind. */
export const crashCases: readonly StorageCase[] = [
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
    name:
      "relay: paused before it records a refusal, it overwrites no later one",
    async run(bench) {
      const store = await bench.open();
      for (let n = 1, reached = true; reached; n++) {
        check(n < MAX_CALLS, "a relay makes a bounded number of calls");
        await withRelays(bench, async (relays) => {
          const key = `refused-${n}`;
          await relays.publish(key);
          const stopAt = { n, when: "before" } as const;
          const { process } = relays.start({ stopAt });
          reached = await killed(relays, () => process.stopped);
          if (!reached) return;
          relays.start();
          const filter = { key };
          await relays.until(
            async () =>
              (await store.listDead({ filter, after: 0, limit: 1 })).length > 0,
            "the refusal is recorded",
          );
          await checkUntouched(bench, relays, () => process.resume());
        }, () => ({ kind: "dead", failure: { code: "NO", reason: "never" } }));
      }
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
  const view = async () => ({
    seen: relays.seen(),
    survey: await store.survey(),
    failures: await store.failures({ after: 0, limit: 1_000 }),
  });
  const before = await view();
  resume();
  await relays.pass(2 * LEASE_MS);
  checkEqual(await view(), before, "it sends nothing and records nothing");
}
