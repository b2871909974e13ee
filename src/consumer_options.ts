/**
 * The options of a consumer: every limit, with its default.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import type { ObserveConsumer } from "./consumer_event.ts";
import { InputError, shorten } from "./errors.ts";
import { type EventHandler, type OnEvent, onEvent } from "./event_handler.ts";
import type { Transactions } from "./handling.ts";
import { createInbox, type Inbox, type SyncInbox } from "./inbox.ts";
import type { InboxOptions } from "./inbox_options.ts";
import type { InboxWriter, SyncInboxWriter } from "./inbox_storage.ts";
import type { LetterStorage } from "./letter_box.ts";
import {
  checkedNumber,
  type NumberOption,
  readOptions,
  requireMethods,
} from "./logic/options.ts";
import { type Random, systemRandom } from "./random.ts";
import type { StorageBase } from "./storage.ts";
import type { Subscriber } from "./subscriber.ts";

/** Where a consumer keeps what it must remember. */
export interface ConsumerStorage<Tx> extends StorageBase, LetterStorage<Tx> {
  /** Records messages through the consumer's transaction, over a driver of either kind. */
  readonly inbox: InboxWriter<Tx> | SyncInboxWriter<Tx>;
}

/** What {@link createConsumer} takes. Durations are in milliseconds. */
export interface ConsumerOptions<Tx> {
  /** Names the consumer: its session at the broker, and its records. 1 to 255 bytes. */
  readonly consumer: string;
  /** Where the messages come from. */
  readonly subscriber: Subscriber;
  /** Where the inbox is; migrated, in the same database as the handlers' tables. */
  readonly storage: ConsumerStorage<NoInfer<Tx>>;
  /** Runs transactions of that database: `libsqlTransactions`, `drizzleTransactions`. */
  readonly database: Transactions<Tx>;
  /** Returns what to do, made by `on`; one for each event, at least one. */
  readonly handlers: (on: OnEvent<Tx>) => readonly EventHandler<Tx>[];
  /** How long and how many records the inbox keeps, and who is told of gaps. */
  readonly inbox?: Omit<InboxOptions, "consumer" | "storage">;
  /** Told everything that happens. @default nobody */
  readonly observe?: ObserveConsumer;
  /** Keys worked on at a time. @default 16 */
  readonly concurrency?: number;
  /** Transactions at a time; SQLite has one writer. @default 1 */
  readonly transactions?: number;
  /** Failed tries after which a message is set aside. @default 5 */
  readonly maxAttempts?: number;
  /** Messages that may be set aside; with more, they are tried again instead. @default 10_000 */
  readonly maxLetters?: number;
  /** The longest wait after the first failed try; doubles with each. @default 200 */
  readonly retryBaseMs?: number;
  /** The longest wait between two tries. @default 30_000 */
  readonly retryCapMs?: number;
  /** How long a try may go on before `message.slow` tells of it; it is not ended. @default 60_000 */
  readonly slowHandlerMs?: number;
  /** How long opening a connection may take. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** The longest wait after the first failed connection; doubles with each. @default 250 */
  readonly reconnectBaseMs?: number;
  /** The longest wait between two tries to connect. @default 30_000 */
  readonly reconnectCapMs?: number;
  /** The longest wait where only time or people help: rights, quotas, settings. @default 120_000 */
  readonly slowRetryMs?: number;
  /** How long `stop` waits for handlers, unless told otherwise. @default 5_000 */
  readonly graceMs?: number;
  /** Tells the time. @default systemClock() */
  readonly clock?: Clock;
  /** Throws the dice. @default systemRandom() */
  readonly random?: Random;
}

const DAY_MS = 86_400_000;

type Limit =
  | "concurrency"
  | "transactions"
  | "maxAttempts"
  | "maxLetters"
  | "retryBaseMs"
  | "retryCapMs"
  | "slowHandlerMs"
  | "connectTimeoutMs"
  | "reconnectBaseMs"
  | "reconnectCapMs"
  | "slowRetryMs"
  | "graceMs";

type Bound = Pick<NumberOption, "default" | "min" | "max">;

const BOUNDS: Readonly<Record<Limit, Bound>> = {
  concurrency: { default: 16, min: 1, max: 10_000 },
  transactions: { default: 1, min: 1, max: 10_000 },
  maxAttempts: { default: 5, min: 1, max: 1_000_000 },
  maxLetters: { default: 10_000, min: 0 },
  retryBaseMs: { default: 200, min: 1, max: DAY_MS },
  retryCapMs: { default: 30_000, min: 1, max: DAY_MS },
  slowHandlerMs: { default: 60_000, min: 1, max: DAY_MS },
  connectTimeoutMs: { default: 10_000, min: 1, max: DAY_MS },
  reconnectBaseMs: { default: 250, min: 1, max: DAY_MS },
  reconnectCapMs: { default: 30_000, min: 1, max: DAY_MS },
  slowRetryMs: { default: 120_000, min: 1, max: DAY_MS },
  graceMs: { default: 5_000, min: 0, max: DAY_MS },
};

/** The options with every default filled in. */
export type ResolvedConsumerOptions<Tx> =
  & Record<Limit, number>
  & {
    readonly consumer: string;
    readonly subscriber: Subscriber;
    readonly storage: ConsumerStorage<Tx>;
    readonly database: Transactions<Tx>;
    readonly handlers: ReadonlyMap<string, EventHandler<Tx>>;
    readonly inbox: Inbox<Tx> | SyncInbox<Tx>;
    readonly observe: ObserveConsumer | undefined;
    readonly clock: Clock;
    readonly random: Random;
  };

const action = "create a consumer";

/**
 * Fills in defaults and refuses what makes no sense.
 *
 * @throws {InputError} `INVALID_OPTION` naming the option, its value and its bound.
 */
export function resolveConsumerOptions<Tx>(
  options: ConsumerOptions<Tx>,
): ResolvedConsumerOptions<Tx> {
  return readOptions({ action, options }, resolved);
}

function resolved<Tx>(
  options: ConsumerOptions<Tx>,
): ResolvedConsumerOptions<Tx> {
  const numbers = {} as Record<Limit, number>;
  for (const [option, bound] of Object.entries(BOUNDS)) {
    const name = option as Limit;
    const value = options[name];
    numbers[name] = checkedNumber({ action, option, value, ...bound });
  }
  const { consumer, subscriber, storage, database, observe } = options;
  const { inbox = {} } = options;
  const { clock = systemClock(), random = systemRandom() } = options;
  requireParts({ subscriber, storage, database, clock, random });
  if ((database.takesTurns as unknown) !== true) {
    const required =
      "transactions that take turns, as libsqlTransactions makes";
    throw refused("database", required, database);
  }
  if (observe !== undefined && typeof observe !== "function") {
    throw refused("observe", "a function", observe);
  }
  return {
    ...numbers,
    consumer,
    subscriber,
    storage,
    database,
    handlers: handlersOf(options.handlers),
    inbox: createInbox({ clock, ...inbox, storage, consumer }),
    observe,
    clock,
    random,
  };
}

/** By the name of the event. */
function handlersOf<Tx>(
  make: ConsumerOptions<Tx>["handlers"],
): ReadonlyMap<string, EventHandler<Tx>> {
  if (typeof make !== "function") {
    throw refused("handlers", "a function (on) => [on(event, …)]", make);
  }
  const handlers: unknown = make(onEvent);
  if (!Array.isArray(handlers) || handlers.length === 0) {
    throw refused("handlers", "a function that returns handlers", handlers);
  }
  const byEvent = new Map<string, EventHandler<Tx>>();
  for (const handler of handlers as readonly EventHandler<Tx>[]) {
    if (typeof handler?.steps?.act !== "function") {
      throw refused("handlers", "made by on", handler);
    }
    if (byEvent.has(handler.event)) {
      throw refused("handlers", "one for each event", handler.event);
    }
    byEvent.set(handler.event, handler);
  }
  return byEvent;
}

const PARTS = {
  subscriber: { required: "a subscriber", methods: ["subscribe"] },
  storage: { required: "a storage adapter", methods: ["open", "migrate"] },
  database: { required: "what runs transactions", methods: ["transaction"] },
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
