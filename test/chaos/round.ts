/**
 * A round: a world is made, things are broken in it, then everything heals and
 * must drain, and the world is asked what came of it.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import { breakThings } from "./faults.ts";
import { World, type WorldOptions } from "./world.ts";

/** What a round is told. */
export interface RoundOptions extends WorldOptions {
  /** For how long to break things. */
  readonly forMs: number;
  /** Aborted when all must end at once. */
  readonly signal: AbortSignal;
}

/** Within this time after the last fault everything must have been delivered. */
export const DRAINED_WITHIN_MS = 20_000;

const clock = systemClock();
const LOOK_MS = 50;

/** Plays one round; when it is aborted the round ends without a result. */
export async function playRound(options: RoundOptions): Promise<void> {
  const { forMs, signal } = options;
  const world = await World.start(options);
  try {
    const breaking = new AbortController();
    const ended = breakThings(world, breaking.signal);
    await Promise.race([clock.sleep(forMs, signal), ended]);
    breaking.abort();
    if (signal.aborted) return void ended.catch(() => {});
    await ended;
    await heal(world);
    await resolve(world);
    await drain(world, signal);
    await inspect(world);
  } finally {
    await world.close();
  }
}

/** Ends what is still wrong; nothing new is written. */
async function heal(world: World): Promise<void> {
  const { proxy, disk, clocks, writers, broker } = world;
  clocks.heal();
  if (disk.isOwn) disk.relieve();
  await Promise.all(writers.map((writer) => writer.close()));
  await broker.revive();
  proxy.isHeld = false;
  proxy.weather = "clear";
}

/** Finds out what became of the transactions whose end nobody heard. */
async function resolve({ database, options }: World): Promise<void> {
  const { log } = options;
  const { open } = log;
  const found = await database.committed(open);
  for (const tx of open) {
    log.write({ type: "resolved", tx, committed: found.has(tx) });
  }
}

async function drain(world: World, signal: AbortSignal): Promise<void> {
  const { database, wire, consumer, options, relays } = world;
  const beganMs = clock.monotonicMs();
  const isDrained = async () =>
    (await database.remaining()).length === 0 &&
    [...wire.taken].every(([key, n]) =>
      consumer === null || consumer.arrived.get(key) === n
    );
  while (!signal.aborted && !(await isDrained())) {
    if (clock.monotonicMs() - beganMs > DRAINED_WITHIN_MS) break;
    await clock.sleep(LOOK_MS, signal);
  }
  const { facts } = options.log;
  facts.drainedMs = Math.max(facts.drainedMs, clock.monotonicMs() - beganMs);
  await Promise.all(relays.map((relay) => relay.close()));
}

async function inspect({ database, options }: World): Promise<void> {
  const { log } = options;
  for (const id of await database.remaining()) {
    log.write({ type: "remaining", id });
  }
  const { whole, torn } = await database.transactions();
  log.facts.tornRows += torn;
  log.facts.missingRows += log.takeCommitted() - whole;
  if (!(await database.isSound())) log.facts.damaged += 1;
}
