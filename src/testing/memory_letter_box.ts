/**
 * The letter box of the memory storage.
 *
 * @module
 */

import type { Letter, LetterRef, NewLetter } from "../../mod.ts";

/** The letters of every consumer. */
export class MemoryLetterBox {
  #letters: Letter[] = [];
  #newest = 0;

  /** A copy that shares no mutable part. */
  copy(): MemoryLetterBox {
    const copy = new MemoryLetterBox();
    copy.#letters = [...this.#letters];
    copy.#newest = this.#newest;
    return copy;
  }

  /** Stores a letter unless its consumer has `limit` of them. */
  put(letter: NewLetter, limit: number): boolean {
    const { consumer } = letter;
    const present = this.#letters.filter((one) => one.consumer === consumer);
    if (present.length >= limit) return false;
    this.#letters.push({ ...structuredClone(letter), number: ++this.#newest });
    return true;
  }

  /** Removes a letter; false when it is not there. */
  remove({ consumer, number }: LetterRef): boolean {
    const before = this.#letters.length;
    this.#letters = this.#letters.filter((letter) =>
      letter.number !== number || letter.consumer !== consumer
    );
    return this.#letters.length < before;
  }

  /** Lists letters above a number. */
  list({ consumer, after, limit }: {
    readonly consumer: string;
    readonly after: number;
    readonly limit: number;
  }): readonly Letter[] {
    return this.#letters
      .filter((letter) => letter.consumer === consumer && letter.number > after)
      .slice(0, limit)
      .map((letter) => structuredClone(letter));
  }
}
