/**
 * The handling of one received message: check it, let its handler work, and
 * record both in one transaction.
 *
 * @module
 */

import { InputError, MailboatError, reasonOf } from "./errors.ts";
import type { ConsumedEvent, EventHandler } from "./event_handler.ts";
import type { Inbox, SyncInbox } from "./inbox.ts";
import { checkedMessage } from "./inbox_message.ts";
import type { LetterBox, LetterRef, NewLetter } from "./letter_box.ts";
import { isJson } from "./logic/cloudevents.ts";
import type { DecodedEvent, ReceivedEvent } from "./logic/received_event.ts";
import { outputOf } from "./logic/schema.ts";
import { Slots } from "./slots.ts";
import type { StandardSchema } from "./standard_schema.ts";
import type { Delivery } from "./subscriber.ts";
import type { SendFailure } from "./transport.ts";

/** Runs work in a transaction of the consumer's database; a drizzle database is one. */
export interface Transactions<Tx> {
  /**
   * Runs `work` in a transaction.
   *
   * **Promises** to commit when `work` resolves, and to resolve after that; to
   * roll back when it rejects.
   * **May fail with** what `work` rejects with, or with any error: a commit
   * that failed may have happened.
   * **Must not** run `work` twice.
   */
  transaction(work: (tx: Tx) => Promise<void>): Promise<unknown>;
}

/** What is known of a message that arrived. */
export interface Received {
  readonly delivery: Omit<Delivery, "acknowledge">;
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
  /** It was not handled this time; `blameless` when the database was busy. */
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
    const { letters, database } = this.#options;
    return this.#handle(decoded, (_, work) =>
      this.#slots.use(async () => {
        let isThere = false;
        await database.transaction(async (tx) => {
          isThere = await letters.remove(tx, letter);
          if (isThere) await work(tx);
        });
        return isThere;
      }));
  }

  async #handle(
    decoded: DecodedEvent,
    record: (
      event: ReceivedEvent,
      work: (tx: Tx) => Promise<void>,
    ) => Promise<boolean>,
  ): Promise<Result> {
    if (decoded.kind === "malformed") {
      const { reason } = decoded;
      return { kind: "refused", failure: { code: "UNDECODABLE", reason } };
    }
    const { event } = decoded;
    const handler = this.#options.handlers.get(event.type);
    if (handler === undefined) return { kind: "ignored" };
    const read = await consumed(event, handler.schema);
    if ("failure" in read) return { kind: "refused", failure: read.failure };
    try {
      const prepared = await handler.steps.prepare(read.event);
      const isNew = await record(event, async (tx) => {
        await handler.steps.act(tx, read.event, prepared);
      });
      return { kind: isNew ? "handled" : "duplicate" };
    } catch (thrown) {
      const failure = { code: "HANDLER_FAILED", reason: reasonOf(thrown) };
      return { kind: "failed", failure, blameless: isBusy(thrown) };
    }
  }

  /**
   * Puts a message away with its bytes, unless it was handled after all.
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
  ): Promise<void> {
    const { consumer, letters, maxLetters, database } = this.#options;
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
      await this.#record(event, put);
    } else await this.#slots.use(() => database.transaction(put));
  }

  /** Accepts a message and works, in one transaction; false when it was there already. */
  #record(
    event: ReceivedEvent,
    work: (tx: Tx) => Promise<void>,
  ): Promise<boolean> {
    const { inbox, database } = this.#options;
    return this.#slots.use(async () => {
      let isNew = false;
      await database.transaction(async (tx) => {
        isNew = await inbox.accept(tx, event);
        if (isNew) await work(tx);
      });
      return isNew;
    });
  }
}

type Read =
  | { readonly event: ConsumedEvent<unknown> }
  | { readonly failure: SendFailure };

/** The event as its handler gets it, or why it can never get it. */
async function consumed(
  event: ReceivedEvent,
  schema: StandardSchema,
): Promise<Read> {
  const action = `handle ${event.type}`;
  try {
    checkedMessage(event);
    const data = dataOf(event);
    const result = await schema["~standard"].validate(data);
    const output = outputOf({ action, data, result });
    return { event: { ...event, data: output } };
  } catch (thrown) {
    const code = thrown instanceof InputError ? thrown.code : "INVALID_PAYLOAD";
    return { failure: { code, reason: reasonOf(thrown) } };
  }
}

/** JSON as a value, everything else as bytes. */
function dataOf({ data, contentType }: ReceivedEvent): unknown {
  if (contentType !== null && !isJson(contentType)) return data;
  if (data.length === 0) return undefined;
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
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

/** Whether a database had no time: other people's drivers say so in a code. */
function isBusy(thrown: unknown): boolean {
  let error: unknown = thrown;
  for (let depth = 0; depth < MAX_CAUSES; depth++) {
    if (typeof error !== "object" || error === null) return false;
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && /BUSY|LOCKED/.test(code)) return true;
    error = cause;
  }
  return false;
}
