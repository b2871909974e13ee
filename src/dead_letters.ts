/**
 * Dead letters: messages that were set aside, and what an operator can do
 * about them.
 *
 * @module
 */

import type {
  DeadLetter,
  DeadLetterFilter,
  ExpiredMessage,
} from "./dead_letter_store.ts";
import { type ErrorCode, InputError, shorten, StorageError } from "./errors.ts";
import { checkedNumber, readOptions, requireMethods } from "./logic/options.ts";
import { checkedText } from "./logic/text.ts";
import type { StorageBase } from "./storage.ts";
import type { Store } from "./store.ts";

/**
 * Which dead letters to change. All of them is a choice that has to be spelled
 * out: an empty filter is refused.
 */
export type DeadLetterSelection =
  | (DeadLetterFilter & { readonly id: string })
  | (DeadLetterFilter & { readonly key: string })
  | (DeadLetterFilter & { readonly topic: string })
  | { readonly all: true };

/** Which part of a list of dead letters to return. */
export interface DeadLetterPage {
  /**
   * Continue beyond this sequence: that of the last message of the page before.
   *
   * @default {0}
   */
  readonly after?: number;
  /**
   * The most dead letters to return: 1 to 1,000.
   *
   * @default {100}
   */
  readonly limit?: number;
}

/** Which part of the list of expired messages to return. */
export interface ExpiredPage {
  /**
   * Continue before this place: that of the last message of the page before.
   *
   * @default {Number.MAX_SAFE_INTEGER}
   */
  readonly before?: number;
  /**
   * The most messages to return: 1 to 1,000.
   *
   * @default {100}
   */
  readonly limit?: number;
}

/** What an operator can do. It opens one connection, at the first call. */
export interface DeadLetters extends AsyncDisposable {
  /**
   * Lists dead letters, in commit order.
   *
   * **Promises** those that match every given field of the filter.
   * **May fail with** an {@link InputError} or a {@link StorageError}.
   * **Must not** change anything.
   */
  list(
    filter?: DeadLetterFilter,
    page?: DeadLetterPage,
  ): Promise<readonly DeadLetter[]>;

  /**
   * Lists messages that expired, the newest first: as many as the relay keeps
   * (`keepExpiredRows`). Nothing can be done about them.
   *
   * **Promises**, **may fail** and **must not** like {@link list}.
   */
  expired(page?: ExpiredPage): Promise<readonly ExpiredMessage[]>;

  /**
   * Sends dead letters again, in their old place: a held lane goes on with
   * them, a skipped one gets them late. A dead letter does not expire while it
   * waits for you; once it is to be sent again, its time to live counts from
   * its enqueue as ever, and what is too old expires instead.
   *
   * **Promises** to say how many there were; a running relay takes note.
   * **May fail with** an {@link InputError} or a {@link StorageError}.
   * **Must not** touch a message that is not dead.
   */
  retry(selection: DeadLetterSelection): Promise<{ readonly changed: number }>;

  /**
   * Removes dead letters for good; a held lane goes on behind them.
   *
   * **Promises**, **may fail** and **must not** like {@link retry}.
   */
  discard(
    selection: DeadLetterSelection,
  ): Promise<{ readonly changed: number }>;

  /** Gives the connection back; idempotent. Disposal does the same. */
  close(): Promise<void>;
}

/**
 * Gives access to the dead letters of an outbox.
 *
 * @throws {InputError} `INVALID_OPTION` without a storage adapter.
 *
 * @example
 * ```ts
 * await using deadLetters = createDeadLetters({ storage });
 * for (const { message, failure } of await deadLetters.list()) {
 *   console.log(message.topic, failure.reason);
 * }
 * await deadLetters.retry({ key: "m-1" });
 * ```
 */
export function createDeadLetters(
  options: { readonly storage: StorageBase },
): DeadLetters {
  const action = "create dead letters";
  const storage = readOptions({ action, options }, ({ storage: value }) => {
    const methods = ["open"];
    const required = "a storage adapter";
    requireMethods({ action, option: "storage", value, methods, required });
    return value;
  });
  const store = new LazyStore(storage);
  return {
    async list(filter = {}, page = {}) {
      const action = "list dead letters";
      const request = {
        filter: readOptions(
          { action, options: filter },
          (given) => checkedFilter(action, given),
        ),
        ...readOptions(
          { action, options: page },
          (given) => checkedPage(action, given),
        ),
      };
      return (await store.get(action)).listDead(request);
    },
    async expired(page = {}) {
      const action = "list expired messages";
      const request = readOptions(
        { action, options: page },
        (given) => checkedExpiredPage(action, given),
      );
      return (await store.get(action)).listExpired(request);
    },
    async retry(selection) {
      const action = "retry dead letters";
      const filter = checkedSelection(action, selection);
      return (await store.get(action)).retryDead(filter);
    },
    async discard(selection) {
      const action = "discard dead letters";
      const filter = checkedSelection(action, selection);
      return (await store.get(action)).discardDead(filter);
    },
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

/** Opens the store when it is first needed, and once. */
class LazyStore {
  readonly #storage: StorageBase;
  #opening: Promise<Store> | undefined;
  #closed = false;

  constructor(storage: StorageBase) {
    this.#storage = storage;
  }

  /** A failed opening is tried again by the next call. */
  get(action: string): Promise<Store> {
    if (this.#closed) {
      const message = `Cannot ${action} as the connection has been closed`;
      throw new StorageError("STORAGE_FAILED", message);
    }
    this.#opening ??= this.#storage.open().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const opening = this.#opening;
    this.#opening = undefined;
    const store = await opening?.catch(() => undefined);
    await store?.close();
  }
}

const CODES: Readonly<Record<keyof DeadLetterFilter, ErrorCode>> = {
  id: "INVALID_ID",
  key: "INVALID_KEY",
  topic: "INVALID_TOPIC",
};

/** A filter that is misspelt, or whose value went missing, would match more. */
function checkedFilter(action: string, filter: object): DeadLetterFilter {
  const checked: Record<string, string> = {};
  for (const [field, value] of Object.entries(filter)) {
    if (!Object.hasOwn(CODES, field)) {
      throw refused(action, "made of id, key and topic", shorten(field));
    }
    const code = CODES[field as keyof DeadLetterFilter];
    const named = `the filter's ${field}`;
    checked[field] = checkedText({ action, code, field: named, value });
  }
  return checked;
}

function checkedSelection(
  action: string,
  selection: DeadLetterSelection,
): DeadLetterFilter {
  const options: object = selection ?? {};
  return readOptions({ action, options }, (given) => {
    const fields = Object.keys(given);
    const all = "all" in given && given.all === true;
    if (all && fields.length === 1) return {};
    if (fields.length > 0) return checkedFilter(action, given);
    throw refused(action, "an id, key or topic, or { all: true }", "empty");
  });
}

function refused(action: string, required: string, found: string): InputError {
  const field = "the filter";
  return new InputError("INVALID_OPTION", { action, field, required, found });
}

function checkedPage(
  action: string,
  { after, limit }: DeadLetterPage,
): Required<DeadLetterPage> {
  return {
    after: checkedNumber({
      action,
      option: "after",
      value: after,
      default: 0,
      min: 0,
    }),
    limit: checkedLimit(action, limit),
  };
}

function checkedExpiredPage(
  action: string,
  { before, limit }: ExpiredPage,
): Required<ExpiredPage> {
  return {
    before: checkedNumber({
      action,
      option: "before",
      value: before,
      default: Number.MAX_SAFE_INTEGER,
      min: 1,
    }),
    limit: checkedLimit(action, limit),
  };
}

function checkedLimit(action: string, value: number | undefined): number {
  const bounds = { default: 100, min: 1, max: 1_000 };
  return checkedNumber({ action, option: "limit", value, ...bounds });
}
