/**
 * An operator, who looks at dead letters, and retries or discards them.
 *
 * @module
 */

import type { DeadLetter, Message, Store } from "@mailboat/outbox";
import type { Auditor } from "./auditor.ts";
import type { Timeline } from "./timeline.ts";
import { withLock } from "./write_lock.ts";

/** What an operator works with. */
export interface OperatorOptions {
  readonly store: Store;
  readonly auditor: Auditor;
  readonly timeline: Timeline;
  /** Whether a message kills whoever sends it. */
  isKiller(message: Message): boolean;
  /** Whether the broker ends every connection at a message. */
  isPoison(message: Message): boolean;
}

/** The code of a message that was set aside because relays died of it. */
const RELAY_DIED = "RELAY_DIED";
const MAX_LETTERS = 1_000;

/** Acts as people do, and tells the auditor first. */
export class Operator {
  readonly #options: OperatorOptions;

  /** Gets to work on a store. */
  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** Whether nothing is left in the outbox. */
  async seesNothing(): Promise<boolean> {
    const { oldest } = await this.#options.store.survey();
    return oldest === null;
  }

  /** The dead letters, oldest first: one, or all. */
  list(id?: string): Promise<readonly DeadLetter[]> {
    const filter = id === undefined ? {} : { id };
    return this.#options.store.listDead({
      filter,
      after: 0,
      limit: MAX_LETTERS,
    });
  }

  /** Brings dead letters back: one, or all but those that kill relays, or connections. */
  async retry(id?: string): Promise<void> {
    const { store, auditor, timeline, isKiller, isPoison } = this.#options;
    const letters = await this.list(id);
    if (letters.length === 0) return;
    for (const { message, failure } of letters) {
      const isLethal = failure.code === RELAY_DIED && isKiller(message);
      if (isLethal || isPoison(message)) {
        await this.discard(message);
      } else auditor.retries(message);
    }
    await withLock(
      timeline,
      () => store.retryDead(id === undefined ? {} : { id }),
    );
  }

  /** Gives a dead letter up. */
  async discard(message: Message): Promise<void> {
    const { store, auditor, timeline } = this.#options;
    auditor.discards(message);
    await withLock(timeline, () => store.discardDead({ id: message.id }));
  }
}
