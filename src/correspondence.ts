/**
 * The correspondence: what operators do about messages that were set aside.
 *
 * @module
 */

import type { ResolvedConsumerOptions } from "./consumer_options.ts";
import { MailboatError } from "./errors.ts";
import type { Handling } from "./handling.ts";
import type { Letter } from "./letter_box.ts";
import { readEvent } from "./logic/content_mode.ts";
import { checkedNumber, readOptions } from "./logic/options.ts";

const MAX_LETTERS = 1_000;
const DEFAULT_LETTERS = 100;

/** The letters of one consumer. */
export class Correspondence<Tx> {
  readonly #options: ResolvedConsumerOptions<Tx>;
  readonly #handling: Handling<Tx>;

  /** Opens nothing before it is asked; takes turns with the consumer. */
  constructor(options: ResolvedConsumerOptions<Tx>, handling: Handling<Tx>) {
    this.#options = options;
    this.#handling = handling;
  }

  /** Those above `after`, by ascending number. */
  async list(
    options: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly Letter[]> {
    const action = "list what was set aside";
    const { after, limit } = readOptions({ action, options }, (given) => ({
      after: checkedNumber({
        action,
        option: "after",
        value: given.after,
        default: 0,
        min: 0,
      }),
      limit: checkedNumber({
        action,
        option: "limit",
        value: given.limit,
        default: DEFAULT_LETTERS,
        min: 1,
        max: MAX_LETTERS,
      }),
    }));
    return await this.#read(after, limit);
  }

  /** Handles and removes one; false when it is not there. */
  async retry(number: number): Promise<boolean> {
    const [letter] = await this.#read(checked(number) - 1, 1);
    if (letter?.number !== number) return false;
    const decoded = readEvent(letter);
    const result = await this.#handling.retry(
      { delivery: letter, decoded },
      letter,
    );
    switch (result.kind) {
      case "handled":
        return true;
      case "duplicate":
        return false;
      case "ignored":
        throw refused(number, `no handler knows ${letter.event}`);
      default:
        throw refused(number, result.failure.reason);
    }
  }

  /** Removes one; false when it is not there. */
  async discard(number: number): Promise<boolean> {
    const { storage, consumer } = this.#options;
    const letter = { consumer, number: checked(number) };
    return await this.#handling.transact((tx) =>
      storage.letters.remove(tx, letter)
    );
  }

  #read(after: number, limit: number): Promise<readonly Letter[]> {
    const { storage, consumer } = this.#options;
    return this.#handling.transact((tx) =>
      storage.letters.list(tx, { consumer, after, limit })
    );
  }
}

function checked(value: number): number {
  return checkedNumber({
    action: "act on what was set aside",
    option: "letter",
    value,
    default: 0,
    min: 1,
  });
}

function refused(letter: number, reason: string): MailboatError {
  return new MailboatError(
    "LETTER_REFUSED",
    `Cannot handle letter ${letter} as it fails again: ${reason}`,
  );
}
