/**
 * Expiration: messages whose time to live is over are not sent.
 *
 * @module
 */

import { type AftermathOptions, refTo } from "./aftermath.ts";
import { instantOf } from "./clock.ts";
import type { Ages } from "./logic/age.ts";
import type { Message } from "./message.ts";
import type { Tenure } from "./tenure.ts";
import type { SendTerms } from "./transport.ts";

/** What expiration depends on. */
export interface ExpirationOptions
  extends Pick<AftermathOptions, "clock" | "observe" | "counters"> {
  readonly ages: Ages;
  /** Outcomes recorded in one transaction, about. */
  readonly settleBatch: number;
}

/** Judges messages whose turn has come. */
export class Expiration {
  readonly #options: ExpirationOptions;
  readonly #onExpired: (seq: number) => void;

  /** Creates an expiration that has judged nothing; `onExpired` is called for each message. */
  constructor(
    options: ExpirationOptions,
    onExpired: (seq: number) => void,
  ) {
    this.#options = options;
    this.#onExpired = onExpired;
  }

  /** Compares the clocks: before messages are judged that were read since. */
  check(): void {
    const { ages, clock } = this.#options;
    ages.check(instantOf(clock));
  }

  /**
   * Owes the settlement of what is next and expired, and returns whether that
   * was all of it: a group that is full is recorded first. The expired messages
   * of a lane go together: none of them is sent, so that none can overtake
   * another; what is behind them waits for the record, and they wait for what
   * is under way before them.
   */
  sweep(tenure: Tenure): boolean {
    const { settleBatch } = this.#options;
    const isExpired = (message: Message) => this.isExpired(message);
    for (;;) {
      const next = tenure.lanes.peek();
      if (next === null || !isExpired(next)) return true;
      if (tenure.owing >= settleBatch) return false;
      const taken = tenure.lanes.takeWhile(isExpired);
      if (taken === null) return true;
      const { lane, messages } = taken;
      for (const message of messages) {
        this.#note(message);
        const { seq } = message;
        const afterwards = () => tenure.lanes.goOn(lane, seq);
        tenure.owe({ seq, kind: "expired", record: null, afterwards });
      }
    }
  }

  /** Whether a message is of no use any more. What is damaged is dead, and not expired. */
  isExpired(message: Message): boolean {
    const { ttlMs, damage } = message;
    if (ttlMs === null || damage !== undefined) return false;
    return this.#ageMs(message) >= ttlMs;
  }

  /** What to add to a message that is sent now. */
  termsOf(message: Message): SendTerms {
    const { ttlMs } = message;
    return ttlMs === null ? {} : { remainingMs: ttlMs - this.#ageMs(message) };
  }

  #note(message: Message): void {
    const { counters, observe } = this.#options;
    counters.expired += 1;
    this.#onExpired(message.seq);
    observe({
      type: "message.expired",
      message: refTo(message),
      ageMs: this.#ageMs(message),
    });
  }

  #ageMs(message: Message): number {
    const { ages, clock } = this.#options;
    return ages.ageMs(message, clock.monotonicMs());
  }
}
