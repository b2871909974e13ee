/**
 * The options of a relay: every limit, with its default.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { InputError, shorten } from "./errors.ts";
import { checkedNumber, readOptions, requireMethods } from "./logic/options.ts";
import { exponentialRetry, type RetryPolicy } from "./logic/retry.ts";
import type { OnDead } from "./message.ts";
import type { Observe } from "./observe.ts";
import { type Random, systemRandom } from "./random.ts";
import type { StorageBase } from "./storage.ts";
import type { Transport } from "./transport.ts";

/**
 * How many messages of one key may be on their way. `strict`: one, so that even
 * first copies arrive in order. `pipelined`: several on one connection; after a
 * refusal or a doubt everything from there on goes again, so that the last
 * copies are in order. Only with a transport that is {@link Transport.ordered}.
 */
export type SendOrder = "strict" | "pipelined";

/** Whoever notices that the network is back: the operating system, a modem. */
export interface Network {
  /** Calls `onOnline` whenever it is back; returns a function that ends the watch. */
  watch(onOnline: () => void): () => void;
}

/** What {@link createRelay} takes. Durations are in milliseconds. */
export interface RelayOptions {
  /** Where the messages are. */
  readonly storage: StorageBase;
  /** Where they go. */
  readonly transport: Transport;
  /** Told everything that happens. @default nobody */
  readonly observe?: Observe;
  /** Decides about refused messages. @default exponentialRetry() */
  readonly retry?: RetryPolicy;
  /** What a dead message does to its lane, unless it says so itself. @default "hold" */
  readonly onDead?: OnDead;
  /** How many messages of one key may be on their way. @default "strict" */
  readonly order?: SendOrder;
  /**
   * That many in pipelined order; at least 2, of no meaning in strict order. Less than
   * the broker's window, a key that waits for an acknowledgement leaves room for
   * others: the default fits the 20 that Mosquitto grants.
   *
   * @default {16}
   */
  readonly laneWindow?: number;
  /** How long a relay may be silent before another takes over; at least 100. @default 15_000 */
  readonly leaseMs?: number;
  /** A connection that acknowledges nothing for so long is ended; at most `leaseMs`. @default 10_000 */
  readonly sendTimeoutMs?: number;
  /** How long opening a connection may take. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** The longest wait after the first failed connection; doubles with each. @default 250 */
  readonly reconnectBaseMs?: number;
  /** The longest wait between two tries to connect. @default 30_000 */
  readonly reconnectCapMs?: number;
  /** The longest wait where only time or people help: rights, quotas, settings. @default 120_000 */
  readonly slowRetryMs?: number;
  /** Tells when the network is back, so that nothing waits any longer. @default nobody */
  readonly network?: Network;
  /** The longest time between two looks at the outbox when no hint comes. @default 1_000 */
  readonly pollMs?: number;
  /** Deaths of a relay, while it sends a message alone, after which that message is dead. @default 5 */
  readonly maxDeaths?: number;
  /** Messages read at a time, and held in memory before reading on. @default 256 */
  readonly readBatch?: number;
  /** Bytes of payload held in memory before reading on. @default 4_194_304 */
  readonly readAheadBytes?: number;
  /** Messages of one key held in memory. @default 64 */
  readonly laneDepth?: number;
  /** Messages sent before timers and sockets get a turn. @default 64 */
  readonly burst?: number;
  /** Outcomes recorded in one transaction, about. @default 256 */
  readonly settleBatch?: number;
  /** How long an outcome may wait for others while there is more to send. @default 5 */
  readonly settleDelayMs?: number;
  /**
   * How long an outcome waits for others when there is nothing more to send,
   * in ms, up to a third of the lease; a crash meanwhile repeats them all.
   * More is gentler on flash. @default 0
   */
  readonly settleIdleMs?: number;
  /** Refused messages kept track of; with more, no new ones are read. @default 10_000 */
  readonly maxSetAside?: number;
  /** How long `stop` waits for acknowledgements, unless told otherwise. @default 5_000 */
  readonly graceMs?: number;
  /** How long delivered messages are kept in the archive; 0 keeps none. @default 0 */
  readonly keepDeliveredMs?: number;
  /** How many delivered messages the archive holds at the most. @default 100_000 */
  readonly keepDeliveredRows?: number;
  /** How many expired messages are kept to be listed, the newest. @default 1_000 */
  readonly keepExpiredRows?: number;
  /**
   * A key whose last counted message lies more than so many sequences back is
   * forgotten, and its positions begin at 1 again. While a relay runs, about
   * twice as many keys are remembered at the most. @default 1_000_000
   */
  readonly keepPositions?: number;
  /** Tells the time. @default systemClock() */
  readonly clock?: Clock;
  /** Throws the dice. @default systemRandom() */
  readonly random?: Random;
}

/** The options with every default filled in. */
export type ResolvedRelayOptions =
  & Required<Omit<RelayOptions, "observe" | "network">>
  & {
    readonly network: Network | undefined;
    readonly observe: Observe | undefined;
  };

interface Bound {
  readonly default: number;
  readonly min: number;
  readonly max?: number;
}

const DAY_MS = 86_400_000;

const BOUNDS = {
  leaseMs: { default: 15_000, min: 100, max: DAY_MS },
  sendTimeoutMs: { default: 10_000, min: 1, max: DAY_MS },
  connectTimeoutMs: { default: 10_000, min: 1, max: DAY_MS },
  reconnectBaseMs: { default: 250, min: 1, max: DAY_MS },
  reconnectCapMs: { default: 30_000, min: 1, max: DAY_MS },
  slowRetryMs: { default: 120_000, min: 1, max: DAY_MS },
  pollMs: { default: 1_000, min: 1, max: DAY_MS },
  maxDeaths: { default: 5, min: 1, max: 1_000 },
  readBatch: { default: 256, min: 1, max: 10_000 },
  readAheadBytes: { default: 4_194_304, min: 1, max: 2 ** 30 },
  laneDepth: { default: 64, min: 1, max: 10_000 },
  laneWindow: { default: 16, min: 2, max: 10_000 },
  burst: { default: 64, min: 1, max: 10_000 },
  settleBatch: { default: 256, min: 1, max: 10_000 },
  settleDelayMs: { default: 5, min: 0, max: 60_000 },
  settleIdleMs: { default: 0, min: 0, max: 60_000 },
  maxSetAside: { default: 10_000, min: 1, max: 1_000_000 },
  graceMs: { default: 5_000, min: 0, max: DAY_MS },
  keepDeliveredMs: { default: 0, min: 0, max: 3_650 * DAY_MS },
  keepDeliveredRows: { default: 100_000, min: 0 },
  keepExpiredRows: { default: 1_000, min: 1, max: 1_000_000 },
  keepPositions: { default: 1_000_000, min: 1 },
} as const satisfies Record<string, Bound>;

/**
 * Fills in defaults and refuses what makes no sense.
 *
 * @throws {InputError} `INVALID_OPTION` naming the option, its value and its bound.
 */
export function resolveRelayOptions(
  options: RelayOptions,
): ResolvedRelayOptions {
  return readOptions({ action, options }, resolved);
}

const action = "create a relay";

function resolved(options: RelayOptions): ResolvedRelayOptions {
  const numbers = {} as Record<keyof typeof BOUNDS, number>;
  for (const [option, bound] of Object.entries(BOUNDS)) {
    const name = option as keyof typeof BOUNDS;
    const value = options[name];
    numbers[name] = checkedNumber({ action, option, value, ...bound });
  }
  const sendTimeoutMs = options.sendTimeoutMs === undefined
    ? Math.min(numbers.sendTimeoutMs, numbers.leaseMs)
    : numbers.sendTimeoutMs;
  if (sendTimeoutMs > numbers.leaseMs) {
    throw refused(
      "sendTimeoutMs",
      `at most leaseMs (${numbers.leaseMs})`,
      sendTimeoutMs,
    );
  }
  const reconnectCapMs = options.reconnectCapMs === undefined
    ? Math.max(numbers.reconnectCapMs, numbers.reconnectBaseMs)
    : numbers.reconnectCapMs;
  if (reconnectCapMs < numbers.reconnectBaseMs) {
    throw refused(
      "reconnectCapMs",
      `at least reconnectBaseMs (${numbers.reconnectBaseMs})`,
      reconnectCapMs,
    );
  }
  const { onDead = "hold", retry = exponentialRetry(), observe } = options;
  const { clock = systemClock(), random = systemRandom() } = options;
  if (onDead !== "hold" && onDead !== "skip") {
    throw refused("onDead", '"hold" or "skip"', onDead);
  }
  if (typeof retry !== "function") {
    throw refused("retry", "a function", retry);
  }
  if (observe !== undefined && typeof observe !== "function") {
    throw refused("observe", "a function", observe);
  }
  const { storage, transport, network } = options;
  if (network !== undefined) {
    requireMethods({
      action,
      option: "network",
      value: network,
      methods: ["watch"],
      required: "what watches the network",
    });
  }
  requireParts({ storage, transport, clock, random });
  const order = checkedOrder(options);
  return Object.freeze({
    ...numbers,
    sendTimeoutMs,
    reconnectCapMs,
    laneWindow: order === "strict" ? 1 : numbers.laneWindow,
    order,
    onDead,
    retry,
    storage,
    transport,
    observe,
    network,
    clock,
    random,
  });
}

function checkedOrder(
  { order = "strict", transport }: RelayOptions,
): SendOrder {
  if (order !== "strict" && order !== "pipelined") {
    throw refused("order", '"strict" or "pipelined"', order);
  }
  if (order === "pipelined" && transport.ordered !== true) {
    const required = '"strict", as the transport does not declare an order';
    throw refused("order", required, order);
  }
  return order;
}

const PARTS = {
  storage: { required: "a storage adapter", methods: ["open", "migrate"] },
  transport: { required: "a transport adapter", methods: ["connect"] },
  clock: {
    required: "a clock",
    methods: ["nowMs", "monotonicMs", "sleep", "turn"],
  },
  random: { required: "a source of random numbers", methods: ["fraction"] },
};

function requireParts(parts: Record<keyof typeof PARTS, unknown>): void {
  for (const [option, value] of Object.entries(parts)) {
    const part = PARTS[option as keyof typeof PARTS];
    requireMethods({ action, option, value, ...part });
  }
}

function refused(option: string, required: string, value: unknown): InputError {
  return new InputError("INVALID_OPTION", {
    action,
    field: option,
    required,
    found: shorten(value),
  });
}
