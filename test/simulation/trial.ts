/**
 * The end of a seed: all faults are over, and the world must converge, come to
 * rest, stop, and stand before the judge.
 *
 * @module
 */

import { isFlawless, judgeHistory } from "@mailboat/outbox/testing";
import { digest } from "./digest.ts";
import { Inspection } from "./inspection.ts";
import { drainBoundMs } from "./setting.ts";
import { STOP_SLACK_MS, type World } from "./world.ts";
import type { Writing } from "./writing.ts";

/** What became of a seed. */
export interface Report {
  /** Promises broken; empty when all is well. */
  readonly violations: readonly string[];
  readonly situations: readonly string[];
  readonly committed: number;
  readonly received: number;
  /** Virtual time from the last fault until everything was delivered; `null` when it was not. */
  readonly drainedInMs: number | null;
  /** Calls to the store and the broker. */
  readonly operations: number;
  readonly digest: string;
}

const FIRST_STEP_MS = 100;
const GRACE_MS = 1_000;
const MAX_STEPS_PER_BOUND = 100;
/** What an idle relay may do per poll: look at the lease and at what is new, and each time at the archive. */
const OPERATIONS_PER_POLL = 4;

/** Messages per step that show that a silent poison is none of the network's doing. */
const TRAFFIC = Array.from({ length: 16 }, () => null);

/** Heals a world and demands what the outbox promises; `writing` goes on where it must. */
export async function tryWorld(
  world: World,
  writing: Writing | null,
  boundMs: number = drainBoundMs(world.setting),
): Promise<Report> {
  const { auditor, timeline, broker } = world;
  world.heal();
  const drainedInMs = await drain(world, writing, boundMs);
  if (drainedInMs === null) {
    auditor.object(
      `not drained ${boundMs} ms after the last fault`,
    );
  } else await rest(world);
  await finish(world);
  const { committed, messages } = world.storage.snapshot();
  for (const { id } of messages) {
    auditor.history.push({ type: "remaining", id });
  }
  auditor.history.push({ type: "end" });
  const verdict = judgeHistory(auditor.history, {
    order: world.setting.order,
  });
  if (!isFlawless(verdict)) auditor.object(JSON.stringify(verdict));
  if (verdict.committed !== committed.length) {
    auditor.object(
      `${committed.length} messages are committed, not ${verdict.committed}`,
    );
  }
  if (broker.overruns > 0) auditor.object(`${broker.overruns} overruns`);
  if (timeline.pending > 0) {
    auditor.object(`${timeline.pending} timers are left`);
  }
  const { violations, history, situations, operations } = auditor;
  const lines = history.map((entry) => JSON.stringify(entry));
  const arrivals = broker.received.map(({ atMs }) => String(atMs));
  return {
    violations,
    situations: [...situations],
    committed: committed.length,
    received: broker.received.length,
    drainedInMs,
    operations,
    digest: digest([...lines, ...arrivals]),
  };
}

/** Retries what is dead until nothing is left, or time is up. */
async function drain(
  world: World,
  writing: Writing | null,
  boundMs: number,
): Promise<number | null> {
  const { timeline, operator } = world;
  const inspection = new Inspection();
  const beganMs = timeline.nowMs();
  const maxStepMs = boundMs / MAX_STEPS_PER_BOUND;
  let stepMs = FIRST_STEP_MS;
  while (timeline.nowMs() - beganMs < boundMs) {
    await operator.retry();
    if (needsTraffic(world)) {
      const traffic = { keys: TRAFFIC, onDead: null, holdMs: 0 };
      void writing?.write({ ...traffic, end: "commit" });
    }
    await timeline.advance(stepMs);
    inspection.look(world);
    if (await operator.seesNothing()) return timeline.nowMs() - beganMs;
    stepMs = Math.min(stepMs * 1.5, maxStepMs);
  }
  return null;
}

/** A silent poison can only be told from a bad network while others come through. */
function needsTraffic({ storage, poisons }: World): boolean {
  if (!poisons.isAny("silent")) return false;
  const { messages } = storage.snapshot();
  const traffic = messages.filter(({ key }) => key === null);
  return traffic.length < TRAFFIC.length &&
    messages.some(({ id }) => poisons.isOfKind(id, "silent"));
}

/** Nothing is left to do: nothing may be done but look, and everybody must say so. */
async function rest(world: World): Promise<void> {
  const { timeline, auditor, setting, processes } = world;
  const { pollMs, leaseMs, relays } = setting;
  // Restarted processes and long back-offs come to rest first.
  await timeline.advance(3 * pollMs + leaseMs + 5_000);
  const { operations, writes, arrivals } = auditor;
  const polls = 5;
  await timeline.advance(polls * pollMs);
  if (auditor.arrivals > arrivals) {
    auditor.object("restless: messages are sent");
  }
  if (auditor.writes > writes) auditor.object("restless: the store is written");
  const looks = auditor.operations - operations;
  if (looks > relays * (polls + 1) * OPERATIONS_PER_POLL) {
    auditor.object(`restless: ${looks} operations in ${polls} polls`);
  }
  for (const { relay, isStopping } of processes) {
    if (isStopping) continue;
    const status = relay.status();
    const { state, inFlight, unsettled, queued, waitingLanes } = status;
    const isHonest = (state === "idle" || state === "standby") &&
      inFlight + unsettled + queued + waitingLanes + status.held.count === 0 &&
      status.oldest === null && status.backlogAtMost === 0 &&
      status.storeTrouble === null && !status.saturated;
    if (!isHonest) {
      auditor.object(`says at rest: ${JSON.stringify(status)}`);
    }
  }
}

/** Stops every relay. */
async function finish(world: World): Promise<void> {
  const { timeline, auditor } = world;
  let left = 0;
  for (const process of world.processes) {
    if (process.isKilled || process.isStopping) continue;
    left += 1;
    void world.stop(process, GRACE_MS).then(() => left -= 1);
  }
  await timeline.advance(GRACE_MS + STOP_SLACK_MS);
  if (left > 0) auditor.object(`${left} relays do not stop`);
}
