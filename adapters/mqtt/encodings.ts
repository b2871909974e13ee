/**
 * Messages that are being encoded. They leave in the order in which they came,
 * however long each of them takes.
 *
 * @module
 */

import type { EncodedMessage, Outcome } from "../../mod.ts";

/** A message that waits for its content. */
export interface Encoding {
  /** What the codec has returned. */
  readonly encoded: EncodedMessage | PromiseLike<EncodedMessage>;
  /** Puts the message on the wire, in its turn. */
  readonly launch: (encoded: EncodedMessage) => Promise<Outcome>;
  /** What it means that there is no content. */
  readonly refuse: (error: unknown) => Outcome;
}

/** The encodings of one connection. */
export class Encodings {
  readonly #waiting: Set<(outcome: Outcome) => void> = new Set();
  #last: Promise<void> = Promise.resolve();

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves with the outcome of the message, in its turn after all before it. */
  add({ encoded, launch, refuse }: Encoding): Promise<Outcome> {
    // A failure is kept until its turn: nothing may be rejected unobserved.
    const step = Promise.resolve(encoded).then(
      (content) => () => launch(content),
      (error) => () => Promise.resolve(refuse(error)),
    );
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#last = this.#last.then(() => step).then((take) => {
        if (this.#waiting.delete(resolve)) resolve(take());
      });
    });
  }

  /** Gives up all of them: nothing of them was sent, and nothing will be. */
  abandon(): void {
    for (const resolve of this.#waiting) resolve({ kind: "unavailable" });
    this.#waiting.clear();
  }
}

/** Whether a codec's answer is still to come. */
export function isPromise(
  encoded: EncodedMessage | PromiseLike<EncodedMessage>,
): encoded is PromiseLike<EncodedMessage> {
  return "then" in encoded;
}
