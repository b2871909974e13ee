/**
 * The outbox: stores messages in the user's own transaction.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { Draft } from "./draft.ts";
import { sealed, type Validated } from "./envelope.ts";
import { InputError, shorten, StorageError } from "./errors.ts";
import { createIds } from "./id.ts";
import { isThenable, kindOf } from "./logic/kind.ts";
import {
  checkedLimits,
  type MessageLimits,
  requireFit,
} from "./logic/message_limits.ts";
import { checkedNumber, readOptions, requireMethods } from "./logic/options.ts";
import {
  DEFAULT_MAX_PAYLOAD_BYTES,
  MAX_MAX_PAYLOAD_BYTES,
} from "./logic/payload.ts";
import type { NewMessage } from "./message.ts";
import { type Random, systemRandom } from "./random.ts";
import type { Storage, SyncStorage, SyncWriter, Writer } from "./storage.ts";
import { validated, validatedSync } from "./validation.ts";

/** Options of {@link createOutbox} beside the storage. */
export interface OutboxOptions {
  /**
   * The largest payload, in bytes: 1 to 268,435,455. Brokers have limits of
   * their own.
   *
   * @default {262_144}
   */
  readonly maxPayloadBytes?: number;
  /**
   * What the broker is known to take. A message beyond it is refused with
   * `INVALID_TOPIC` or `PAYLOAD_TOO_LARGE`; with `INVALID_EVENT` where its
   * quality of service or `retain` is. The MQTT adapter has `brokerLimits`.
   *
   * @default {those of MQTT}
   */
  readonly limits?: MessageLimits;
  /**
   * Stamps messages and ids.
   *
   * @default {systemClock()}
   */
  readonly clock?: Clock;
  /**
   * Makes ids unique.
   *
   * @default {systemRandom()}
   */
  readonly random?: Random;
}

/** What became of one draft. */
export interface Receipt {
  /** The message's id. */
  readonly id: string;
  /** `false` when a message with this chosen id is in the outbox already. */
  readonly stored: boolean;
}

/** The statements of {@link Outbox.prepare} and the ids they store. */
export interface Prepared<Statement> {
  /** The ids, in the order of the drafts. */
  readonly ids: readonly string[];
  /** To run in one batch with the business statements, in this order. */
  readonly statements: readonly Statement[];
}

/** Stores messages through an asynchronous driver. */
export interface Outbox<Tx, Statement = never> {
  /**
   * Stores one message per draft, in order, in the caller's transaction.
   *
   * **Promises** that every draft is validated before any is stored, and that
   * the messages exist if and only if `tx` commits. Without drafts it does nothing.
   * **May fail with** an {@link InputError} (nothing is stored), or what
   * {@link Writer.insert} fails with: roll back then.
   * **Must not** be left without `await`: the transaction could end before it.
   */
  enqueue(tx: Tx, ...drafts: readonly Draft[]): Promise<readonly Receipt[]>;

  /**
   * Makes the statements that store one message per draft, for batch APIs
   * without an interactive transaction.
   *
   * **Promises** that every draft is validated, and nothing stored.
   * **May fail with** an {@link InputError}.
   * **Must not** be run outside a batch that holds the business statements.
   */
  prepare(...drafts: readonly Draft[]): Promise<Prepared<Statement>>;

  /** Makes an id, to be chosen for a draft whose enqueue may be repeated. */
  newId(): string;
}

/** Stores messages through a synchronous driver. */
export interface SyncOutbox<Tx> {
  /**
   * Stores one message per draft, as {@link Outbox.enqueue} does, before it returns.
   *
   * **Promises** what the asynchronous form promises.
   * **May fail with** the same errors, thrown; also `INVALID_EVENT` when a
   * schema is asynchronous.
   * **Must not** be called in an `async` transaction callback: the driver
   * commits at its first `await`.
   */
  enqueue(tx: Tx, ...drafts: readonly Draft[]): readonly Receipt[];

  /** Makes an id, to be chosen for a draft whose enqueue may be repeated. */
  newId(): string;
}

/**
 * Creates an outbox over a synchronous storage: `enqueue` returns its receipts
 * and needs no `await`.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function createOutbox<Tx>(
  options: OutboxOptions & { readonly storage: SyncStorage<Tx> },
): SyncOutbox<Tx>;

/**
 * Creates an outbox over an asynchronous storage.
 *
 * @throws {InputError} `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const outbox = createOutbox({ storage });
 * await db.transaction(async (tx) => {
 *   await tx.insert(readings).values(reading);
 *   await outbox.enqueue(tx, meterRead(reading));
 * });
 *
 * const { statements } = await outbox.prepare(meterRead(reading));
 * await client.batch([insertReading(reading), ...statements], "write");
 * ```
 */
export function createOutbox<Tx, Statement = never>(
  options: OutboxOptions & { readonly storage: Storage<Tx, Statement> },
): Outbox<Tx, Statement>;

export function createOutbox<Tx, Statement>(
  options: OutboxOptions & {
    readonly storage: SyncStorage<Tx> | Storage<Tx, Statement>;
  },
): SyncOutbox<Tx> | Outbox<Tx, Statement> {
  const { writer, clock, random, maxPayloadBytes, limits } = readOptions(
    { action, options },
    (given) => ({
      writer: checkedWriter(given.storage),
      ...checkedSettings(given),
    }),
  );
  const newId = createIds({ clock, random });
  const seal = (all: readonly Validated[]): readonly NewMessage[] => {
    const stamp = { maxPayloadBytes, newId, nowMs: clock.nowMs() };
    return all.map((one) => {
      const message = sealed(one, stamp);
      if (limits !== null) requireFit(one.action, message, limits);
      return message;
    });
  };
  return "insertSync" in writer
    ? syncOutbox(writer, seal, newId)
    : asyncOutbox(writer, seal, newId);
}

const action = "create an outbox";

function checkedSettings(options: OutboxOptions) {
  const { clock = systemClock(), random = systemRandom() } = options;
  const ports = [
    { option: "clock", value: clock, methods: ["nowMs"], required: "a clock" },
    {
      option: "random",
      value: random,
      methods: ["bytes"],
      required: "a source of random numbers",
    },
  ];
  for (const port of ports) requireMethods({ action, ...port });
  const maxPayloadBytes = checkedNumber({
    action,
    option: "maxPayloadBytes",
    value: options.maxPayloadBytes,
    default: DEFAULT_MAX_PAYLOAD_BYTES,
    min: 1,
    max: MAX_MAX_PAYLOAD_BYTES,
  });
  const { limits } = options;
  return {
    clock,
    random,
    maxPayloadBytes,
    limits: limits === undefined ? null : checkedLimits(action, limits),
  };
}

type Seal = (all: readonly Validated[]) => readonly NewMessage[];

function checkedWriter<Tx, Statement>(
  storage: SyncStorage<Tx> | Storage<Tx, Statement>,
): SyncWriter<Tx> | Writer<Tx, Statement> {
  const writer: object | undefined = storage?.writer;
  if (writer && ("insert" in writer || "insertSync" in writer)) {
    return storage.writer;
  }
  throw new InputError("INVALID_OPTION", {
    action,
    field: "storage",
    required: "a storage adapter",
    found: shorten(storage),
  });
}

function asyncOutbox<Tx, Statement>(
  writer: Writer<Tx, Statement>,
  seal: Seal,
  newId: () => string,
): Outbox<Tx, Statement> {
  return {
    newId,
    async enqueue(tx, ...drafts) {
      refuseDraft(tx);
      if (drafts.length === 0) return [];
      const messages = seal(await validated(drafts));
      return receipts(messages, await writer.insert(tx, messages));
    },
    async prepare(...drafts) {
      const messages = seal(await validated(drafts));
      const statements = messages.length === 0
        ? []
        : writer.statements(messages);
      return { ids: messages.map(({ id }) => id), statements };
    },
  };
}

function syncOutbox<Tx>(
  writer: SyncWriter<Tx>,
  seal: Seal,
  newId: () => string,
): SyncOutbox<Tx> {
  return {
    newId,
    enqueue(tx, ...drafts) {
      refuseDraft(tx);
      if (drafts.length === 0) return [];
      const messages = seal(validatedSync(drafts));
      const stored: unknown = writer.insertSync(tx, messages);
      if (isThenable(stored)) stored.then(undefined, () => {});
      return receipts(messages, stored);
    },
  };
}

function refuseDraft(tx: unknown): void {
  const definition = Draft.definitionOf(tx);
  if (definition === null) return;
  throw new InputError("NOT_A_TRANSACTION", {
    action: `enqueue ${definition.event}`,
    field: "the first argument",
    required: "the transaction that writes the business rows",
    found: `a draft of ${definition.event}`,
  });
}

/** A writer that does not say what it did may have done anything: roll back. */
function receipts(
  messages: readonly NewMessage[],
  stored: unknown,
): readonly Receipt[] {
  if (Array.isArray(stored) && stored.length === messages.length) {
    return messages.map(({ id }, at) => ({ id, stored: stored[at] === true }));
  }
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot enqueue as the storage's writer must return one answer per message: current value is ${
      kindOf(stored)
    }`,
  );
}
