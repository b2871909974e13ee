/**
 * The inbox: lets a consumer act once per message, however often it comes.
 *
 * @module
 */

import { Admission } from "./admission.ts";
import { InputError, shorten } from "./errors.ts";
import { checkedMessage, type InboxMessage } from "./inbox_message.ts";
import { checkedSettings, type InboxOptions } from "./inbox_options.ts";
import type {
  InboxStorage,
  InboxWriter,
  SyncInboxStorage,
  SyncInboxWriter,
} from "./inbox_storage.ts";
import { readOptions } from "./logic/options.ts";

/** Accepts messages through an asynchronous driver. */
export interface Inbox<Tx> {
  /**
   * Accepts a message in the caller's transaction.
   *
   * **Promises** `true` once per consumer, `source` and `id`, in whatever
   * process, for as long as the message is recognised; the record exists if
   * and only if `tx` commits.
   * **May fail with** an {@link InputError} (nothing is recorded), or what
   * {@link InboxWriter.record} fails with: roll back then.
   * **Must not** be left without `await`: the transaction could end before it.
   */
  accept(tx: Tx, message: InboxMessage): Promise<boolean>;
}

/** Accepts messages through a synchronous driver. */
export interface SyncInbox<Tx> {
  /**
   * Accepts a message, as {@link Inbox.accept} does, before it returns.
   *
   * **Promises** what the asynchronous form promises.
   * **May fail with** the same errors, thrown.
   * **Must not** be called in an `async` transaction callback: the driver
   * commits at its first `await`.
   */
  accept(tx: Tx, message: InboxMessage): boolean;
}

/**
 * Creates an inbox over a synchronous storage: `accept` needs no `await`.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function createInbox<Tx>(
  options: InboxOptions & { readonly storage: SyncInboxStorage<Tx> },
): SyncInbox<Tx>;

/**
 * Creates an inbox over an asynchronous storage.
 *
 * @throws {InputError} `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const inbox = createInbox({ storage, consumer: "billing" });
 * await db.transaction(async (tx) => {
 *   if (!(await inbox.accept(tx, event))) return;
 *   await tx.insert(readings).values(reading);
 * });
 * ```
 */
export function createInbox<Tx>(
  options: InboxOptions & { readonly storage: InboxStorage<Tx> },
): Inbox<Tx>;

/**
 * Creates an inbox over a storage of either kind: await what `accept` returns.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function createInbox<Tx>(
  options: InboxOptions & {
    readonly storage: {
      readonly inbox: SyncInboxWriter<Tx> | InboxWriter<Tx>;
    };
  },
): SyncInbox<Tx> | Inbox<Tx>;

export function createInbox<Tx>(
  options: InboxOptions & {
    readonly storage: {
      readonly inbox: SyncInboxWriter<Tx> | InboxWriter<Tx>;
    };
  },
): SyncInbox<Tx> | Inbox<Tx> {
  const { writer, ...settings } = readOptions(
    { action, options },
    (given) => ({
      writer: checkedWriter(given.storage),
      ...checkedSettings(action, given),
    }),
  );
  const admission = new Admission(settings);
  return "lookSync" in writer
    ? syncInbox(writer, admission)
    : asyncInbox(writer, admission);
}

const action = "create an inbox";

function checkedWriter<Tx>(
  storage: { readonly inbox: SyncInboxWriter<Tx> | InboxWriter<Tx> },
): SyncInboxWriter<Tx> | InboxWriter<Tx> {
  const inbox: object | undefined = storage?.inbox;
  if (inbox && ("look" in inbox || "lookSync" in inbox)) return storage.inbox;
  throw new InputError("INVALID_OPTION", {
    action,
    field: "storage",
    required: "a storage adapter with an inbox",
    found: shorten(storage),
  });
}

function asyncInbox<Tx>(
  writer: InboxWriter<Tx>,
  admission: Admission,
): Inbox<Tx> {
  return {
    async accept(tx, given) {
      const message = checkedMessage(given);
      const sighting = await writer.look(tx, admission.look(message));
      const recorded = !sighting.recorded &&
        await writer.record(tx, admission.record(message, sighting));
      return admission.answer(message, sighting, recorded);
    },
  };
}

function syncInbox<Tx>(
  writer: SyncInboxWriter<Tx>,
  admission: Admission,
): SyncInbox<Tx> {
  return {
    accept(tx, given) {
      const message = checkedMessage(given);
      const sighting = writer.lookSync(tx, admission.look(message));
      const recorded = !sighting.recorded &&
        writer.recordSync(tx, admission.record(message, sighting));
      return admission.answer(message, sighting, recorded);
    },
  };
}
