/**
 * The lease: when a relay may act, and when another may take over.
 *
 * Relays share no clock. The holder acts for `leaseMs` of its own monotonic
 * time after it asked for a renewal; every renewal raises the beat. Another
 * relay takes over once it has seen the same epoch and beat for `leaseMs` of
 * its own monotonic time, which began after the renewal. A wall clock that
 * jumps changes neither.
 *
 * @module
 */

import type { LeaseRecord } from "../store.ts";

/** Since when a relay has seen the same lease. */
export interface Observation {
  readonly epoch: number;
  readonly beat: number;
  /** Monotonic ms of the first sight. */
  readonly sinceMs: number;
  /** Monotonic ms at which work was first seen under this lease, or `null`. */
  readonly workSinceMs: number | null;
}

/** Takes a look at the lease into account. */
export function observe(request: {
  readonly previous: Observation | null;
  readonly record: LeaseRecord;
  readonly hasWork: boolean;
  readonly nowMs: number;
}): Observation {
  const { previous, record, hasWork, nowMs } = request;
  const same = previous !== null && previous.epoch === record.epoch &&
    previous.beat === record.beat;
  return {
    epoch: record.epoch,
    beat: record.beat,
    sinceMs: same ? previous.sinceMs : nowMs,
    workSinceMs: hasWork ? (same ? previous.workSinceMs : null) ?? nowMs : null,
  };
}

/**
 * How long to wait before taking over, in ms; 0 means now.
 *
 * A holder that went idle lets its lease lapse without a word. So that its
 * standby does not snatch every message that ends a quiet spell, work must
 * have been waiting for a quarter of the lease as well; and for twice as long
 * after every tenure that delivered nothing, so that relays do not take turns
 * through an outage.
 */
export function takeoverInMs(request: {
  readonly record: LeaseRecord;
  /** The relay that asks. */
  readonly owner: string;
  readonly observation: Observation;
  /** Tenures in a row of the relay that asks, under which nothing was delivered. */
  readonly fruitless: number;
  readonly nowMs: number;
}): number {
  const { record, owner, observation, fruitless, nowMs } = request;
  // Our own: an acquisition whose outcome was unknown.
  if (record.owner === null || record.owner === owner) return 0;
  const lapsesAtMs = observation.sinceMs + record.leaseMs;
  const patience = Math.min(MAX_PATIENCE_LEASES, 2 ** fruitless / 4);
  const patienceEndsMs = (observation.workSinceMs ?? nowMs) +
    record.leaseMs * patience;
  return Math.max(0, lapsesAtMs - nowMs, patienceEndsMs - nowMs);
}

/** How long work may wait at the most for a standby that found the broker away before. */
const MAX_PATIENCE_LEASES = 40;

/** Leases by which the wall clock must be off before a short-lived relay trusts it. */
const LONG_DEAD_LEASES = 10;

/**
 * Whether the holder has been dead for long, by the wall clock.
 *
 * Only for a relay that lives too briefly to observe a lease lapse (`drain`
 * from a scheduler): without it, one crashed drain would stop all later ones.
 */
export function isLongDead(record: LeaseRecord, wallMs: number): boolean {
  return Math.abs(wallMs - record.renewedAtMs) >=
    LONG_DEAD_LEASES * record.leaseMs;
}
