/**
 * A round: a world is made, things are broken in it, then everything heals and
 * must drain, and the world is asked what came of it.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import { flow } from "./fault.ts";
import { clockFaults, databaseFaults } from "./machine_faults.ts";
import { brokerFaults, networkFaults } from "./network_faults.ts";
import { relayFaults, writerFaults } from "./process_faults.ts";
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
/** What was broken on purpose is not waited for as long. */
const CONTROL_WAITS_MS = 5_000;

const clock = systemClock();
const LOOK_MS = 50;
const HANDED_ON_WITHIN_MS = 60_000;

/** Plays one round; one that is aborted ends without a result. */
export async function playRound(options: RoundOptions): Promise<void> {
  const { signal } = options;
  const world = await World.start(options);
  try {
    await breakThings(world, options);
    if (signal.aborted) return;
    await heal(world);
    await resolve(world);
    await drain(world, signal);
    await inspect(world);
  } finally {
    await world.close();
  }
}

const STREAMS = [
  relayFaults,
  writerFaults,
  networkFaults,
  brokerFaults,
  databaseFaults,
  clockFaults,
];

/** Lets all streams flow for a time; then the last faults are mended. */
async function breakThings(
  world: World,
  { forMs, signal }: RoundOptions,
): Promise<void> {
  const breaking = new AbortController();
  const stop = () => breaking.abort();
  const streams = STREAMS.map((stream) =>
    flow(stream(world), {
      seed: world.random.integer(0, 2 ** 31),
      signal: breaking.signal,
    })
  );
  const all = Promise.all(streams).finally(stop);
  try {
    await clock.sleep(forMs, AbortSignal.any([signal, breaking.signal]));
    stop();
    await all;
  } finally {
    // Whatever failed: nothing may be broken or started any more.
    stop();
    await Promise.allSettled(streams);
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

/** Waits for the relays, and then for what the broker has yet to hand on. */
async function drain(world: World, signal: AbortSignal): Promise<void> {
  const { database, options, relays } = world;
  const { log, sabotage } = options;
  const beganMs = clock.monotonicMs();
  await until(async () => (await database.remaining()).length === 0, {
    withinMs: sabotage ? CONTROL_WAITS_MS : DRAINED_WITHIN_MS + LOOK_MS,
    signal,
  });
  const { facts } = log;
  facts.drainedMs = Math.max(facts.drainedMs, clock.monotonicMs() - beganMs);
  await Promise.all(relays.map((relay) => relay.close()));
  await until(() => world.isHandedOn, {
    withinMs: HANDED_ON_WITHIN_MS,
    signal,
  });
}

/** Waits for a condition, or for a time. */
async function until(
  condition: () => boolean | Promise<boolean>,
  limit: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { withinMs, signal } = limit;
  const deadlineMs = clock.monotonicMs() + withinMs;
  while (!(await condition())) {
    if (signal.aborted || clock.monotonicMs() > deadlineMs) return;
    await clock.sleep(LOOK_MS, signal);
  }
}

async function inspect({ database, options }: World): Promise<void> {
  const { log } = options;
  for (const id of await database.remaining()) {
    log.write({ type: "remaining", id });
  }
  const { whole, torn } = await database.transactions();
  log.facts.tornRows += torn;
  const committed = log.takeCommitted();
  log.facts.missingRows += Math.max(0, committed - whole);
  log.facts.phantomRows += Math.max(0, whole - committed);
  if (!(await database.isSound())) log.facts.damaged += 1;
}
