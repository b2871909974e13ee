/**
 * The setting of a world: everything about it that is decided before it starts.
 *
 * @module
 */

import {
  exponentialRetry,
  type OnDead,
  type SendOrder,
} from "@mailboat/outbox";

/** Times are in ms. */
export interface Setting {
  readonly relays: number;
  /** How many of them only drain now and then, as a scheduler starts them. */
  readonly brief: number;
  readonly order: SendOrder;
  readonly window: number;
  /** How many messages of one key may be under way in pipelined order. */
  readonly laneWindow: number;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly reconnectCapMs: number;
  readonly slowRetryMs: number;
  readonly retryCapMs: number;
  readonly maxAttempts: number;
  readonly maxDeaths: number;
  readonly readBatch: number;
  readonly laneDepth: number;
  readonly burst: number;
  readonly settleBatch: number;
  readonly settleDelayMs: number;
  readonly settleIdleMs: number;
  readonly maxSetAside: number;
  readonly keepDeliveredMs: number;
  readonly onDead: OnDead;
  /** How many rows one read looks at. */
  readonly scanRows: number;
  /** Whether the storage hints at changes. */
  readonly hints: boolean;
  /** The longest that a message and its acknowledgement travel. */
  readonly arriveMs: number;
  readonly acknowledgeMs: number;
  /** How far the monotonic clocks of two processes may drift apart, as a part of 1. */
  readonly drift: number;
  /** Whether all processes have the same wall clock. */
  readonly isOneClock: boolean;
}

/** A small world in which nothing takes time. */
export const PLAIN_SETTING: Setting = {
  relays: 1,
  brief: 0,
  order: "strict",
  window: 4,
  laneWindow: 4,
  leaseMs: 1_000,
  pollMs: 500,
  reconnectCapMs: 1_000,
  slowRetryMs: 1_000,
  retryCapMs: 1_000,
  maxAttempts: 3,
  maxDeaths: 3,
  readBatch: 16,
  laneDepth: 8,
  burst: 64,
  settleBatch: 4,
  settleDelayMs: 5,
  settleIdleMs: 0,
  maxSetAside: 100,
  keepDeliveredMs: 0,
  onDead: "hold",
  scanRows: 100,
  hints: true,
  arriveMs: 0,
  acknowledgeMs: 0,
  drift: 0,
  isOneClock: false,
};

/** How long a relay waits for a connection. */
export const CONNECT_TIMEOUT_MS = 1_000;

/** What every relay is told. */
export function relayOptionsOf(setting: Setting) {
  const { leaseMs, pollMs, reconnectCapMs, retryCapMs, maxAttempts } = setting;
  return {
    order: setting.order,
    laneWindow: setting.laneWindow,
    leaseMs,
    pollMs,
    reconnectCapMs,
    slowRetryMs: setting.slowRetryMs,
    sendTimeoutMs: leaseMs,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxDeaths: setting.maxDeaths,
    readBatch: setting.readBatch,
    laneDepth: setting.laneDepth,
    burst: setting.burst,
    settleBatch: setting.settleBatch,
    settleDelayMs: setting.settleDelayMs,
    settleIdleMs: setting.settleIdleMs,
    maxSetAside: setting.maxSetAside,
    keepDeliveredMs: setting.keepDeliveredMs,
    onDead: setting.onDead,
    retry: exponentialRetry({ baseMs: 50, capMs: retryCapMs, maxAttempts }),
  };
}

/**
 * After the last fault everything is delivered within this virtual time: a
 * standby that found the broker away is patient for 40 leases; then every
 * wait there is may come up a few times.
 */
export function drainBoundMs(setting: Setting): number {
  const { leaseMs, pollMs, reconnectCapMs, retryCapMs, slowRetryMs } = setting;
  const longestMs = pollMs + reconnectCapMs + retryCapMs + slowRetryMs +
    CONNECT_TIMEOUT_MS;
  return 45 * leaseMs + 5 * longestMs + 10_000;
}
