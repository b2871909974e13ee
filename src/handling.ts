/**
 * The handling of one received message: check it, let its handler work, and
 * record both in one transaction.
 *
 * @module
 */

import { consumedEvent } from "./consumed_event.ts";
import { uncompressed } from "./decode_event.ts";
import { MailboatError, reasonOf } from "./errors.ts";
import type { EventHandler } from "./event_handler.ts";
import type { Inbox, SyncInbox } from "./inbox.ts";
import { checkedMessage } from "./inbox_message.ts";
import type { LetterBox, LetterRef, NewLetter } from "./letter_box.ts";
import type { DecodedEvent, ReceivedEvent } from "./logic/received_event.ts";
import { Slots } from "./slots.ts";
import type { Delivery } from "./subscriber.ts";
import type { SendFailure } from "./transport.ts";

/** Runs work in transactions of one database; adapters make it of a client. */
export interface Transactions<Tx> {
  /**
   * Says that a transaction which begins while another is open waits, and that
   * one which cannot begin leaves nothing behind that spoils the next. A bare
   * database says nothing of the kind.
   */
  readonly takesTurns: true;
  /**
   * Runs `work` in a transaction.
   *
   * **Promises** to commit when `work` resolves, and to resolve after that; to
   * roll back when it rejects.
   * **May fail with** what `work` rejects with, or with any error: a commit
   * that failed may have happened.
   * **Must not** run `work` twice.
   */
  transaction(work: (tx: Tx) => Promise<void>): Promise<void>;
}

/** What is known of a message that arrived. */
export interface Received {
  readonly delivery: Omit<Delivery, "acknowledge">;
  /** As it came: compressed if it was. */
  readonly decoded: DecodedEvent;
}

/** What came of a message. */
export type Result =
  /** Its handler has worked, and that is committed. */
  | { readonly kind: "handled" }
  /** It had been handled before. */
  | { readonly kind: "duplicate" }
  /** Nobody handles such events. */
  | { readonly kind: "ignored" }
  /** It can never be handled: it is no event, or its data does not fit. */
  | { readonly kind: "refused"; readonly failure: SendFailure }
  /** It was not handled this time; `blameless` when the database was not ready for it. */
  | {
    readonly kind: "failed";
    readonly failure: SendFailure;
    readonly blameless: boolean;
  };

/** What a handling needs. */
export interface HandlingOptions<Tx> {
  readonly consumer: string;
  readonly handlers: ReadonlyMap<string, EventHandler<Tx>>;
  readonly inbox: Inbox<Tx> | SyncInbox<Tx>;
  readonly letters: LetterBox<Tx>;
  /** Letters that the box may hold. */
  readonly maxLetters: number;
  readonly database: Transactions<Tx>;
  /** Transactions at a time. */
  readonly transactions: number;
}

/** Handles messages, each by itself. */
export class Handling<Tx> {
  readonly #options: HandlingOptions<Tx>;
  readonly #slots: Slots;

  /** Creates a handling with every slot free. */
  constructor(options: HandlingOptions<Tx>) {
    this.#options = options;
    this.#slots = new Slots(options.transactions);
  }

  /** Handles one message; never rejects. */
  handle({ decoded }: Received): Promise<Result> {
    return this.#handle(decoded, (event, work) => this.#record(event, work));
  }

  /** Handles a message that was set aside, and removes its letter; never rejects. */
  retry({ decoded }: Received, letter: LetterRef): Promise<Result> {
    const { letters } = this.#options;
    return this.#handle(decoded, (_, work) =>
      this.transact(async (tx) => {
        const isThere = await letters.remove(tx, letter);
        if (isThere) await work(tx);
        return isThere;
      }));
  }

  /** Works in a transaction of its own, when a slot is free. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#slots.use(async () => {
      let result: { readonly of: T } | undefined;
      await this.#options.database.transaction(async (tx) => {
        result = { of: await work(tx) };
      });
      if (result !== undefined) return result.of;
      throw new Error("The database ran no transaction");
    });
  }

  async #handle(
    received: DecodedEvent,
    record: (
      event: ReceivedEvent,
      work: (tx: Tx) => Promise<void>,
    ) => Promise<boolean>,
  ): Promise<Result> {
    const decoded = await uncompressed(received);
    if (decoded.kind === "malformed") {
      const { reason } = decoded;
      return { kind: "refused", failure: { code: "UNDECODABLE", reason } };
    }
    const { event } = decoded;
    const handler = this.#options.handlers.get(event.type);
    if (handler === undefined) return { kind: "ignored" };
    const read = await consumedEvent(event, handler.schema);
    if ("failure" in read) return { kind: "refused", failure: read.failure };
    // Before its work begins, a transaction fails through no fault of the message.
    let isBlameless = false;
    try {
      const prepared = await handler.steps.prepare(read.event);
      isBlameless = true;
      const isNew = await record(event, async (tx) => {
        isBlameless = false;
        await handler.steps.act(tx, read.event, prepared);
      });
      return { kind: isNew ? "handled" : "duplicate" };
    } catch (thrown) {
      const failure = { code: "HANDLER_FAILED", reason: reasonOf(thrown) };
      const blameless = isBlameless || isUnready(thrown);
      return { kind: "failed", failure, blameless };
    }
  }

  /**
   * Puts a message away with its bytes; false when it was handled after all.
   *
   * @throws what the database throws; then nothing is put away.
   */
  async setAside(
    { delivery, decoded }: Received,
    cause: {
      readonly failure: SendFailure;
      readonly attempts: number;
      readonly nowMs: number;
    },
  ): Promise<boolean> {
    const { consumer, letters, maxLetters } = this.#options;
    const event = decoded.kind === "event" ? decoded.event : null;
    const letter: NewLetter = {
      consumer,
      topic: delivery.topic,
      payload: delivery.payload,
      properties: delivery.properties,
      id: event?.id ?? null,
      source: event?.source ?? null,
      event: event?.type ?? null,
      code: cause.failure.code,
      reason: cause.failure.reason,
      attempts: cause.attempts,
      setAsideAtMs: cause.nowMs,
    };
    const put = async (tx: Tx) => {
      if (await letters.put(tx, letter, maxLetters)) return;
      throw new MailboatError(
        "LETTERS_FULL",
        `Cannot set a message aside as at most ${maxLetters} may be: ` +
          "retry or discard some",
      );
    };
    if (event !== null && isAcceptable(event)) {
      return await this.#record(event, put);
    }
    await this.transact(put);
    return true;
  }

  /** Accepts a message and works, in one transaction; false when it was there already. */
  #record(
    event: ReceivedEvent,
    work: (tx: Tx) => Promise<void>,
  ): Promise<boolean> {
    return this.transact(async (tx) => {
      const isNew = await this.#options.inbox.accept(tx, event);
      if (isNew) await work(tx);
      return isNew;
    });
  }
}

function isAcceptable(event: ReceivedEvent): boolean {
  try {
    checkedMessage(event);
    return true;
  } catch {
    return false;
  }
}

/** How deep an error may hide its cause. */
const MAX_CAUSES = 8;

/** What databases are for a time, in their codes: SQLite's, and our storages'. */
const UNREADY =
  /^(SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM)|STORAGE_(BUSY|FULL|READ_ONLY))/;

/** Whether the database was not ready, whatever the message is. */
function isUnready(thrown: unknown): boolean {
  let error: unknown = thrown;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (typeof error !== "object" || error === null) return false;
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && UNREADY.test(code)) return true;
    error = cause;
  }
  return false;
}
