/**
 * The outbox in a few lines: a queue per key. What it delivers next is either
 * the head, or once more what went last.
 *
 * @module
 */

import type { HistoryMessage } from "./history.ts";

interface Queue {
  readonly waiting: string[];
  last: string | undefined;
}

/** Predicts what may arrive, to hold a run or a judge against it. */
export class ReferenceModel {
  readonly #queues = new Map<string, Queue>();
  readonly #queueOf = new Map<string, Queue>();
  readonly #freed = new Set<string>();

  /** Appends committed messages, in commit order; without a key each is its own queue. */
  commit(...messages: readonly Pick<HistoryMessage, "id" | "key">[]): void {
    for (const { id, key } of messages) {
      const name = JSON.stringify(key === null ? { id } : { key });
      const queue = this.#queues.get(name) ?? { waiting: [], last: undefined };
      this.#queues.set(name, queue);
      this.#queueOf.set(id, queue);
      queue.waiting.push(id);
    }
  }

  /** The message gives up its place, and may arrive at any time or never. */
  free(id: string): void {
    this.#freed.add(id);
  }

  /** Whether this message may arrive now; `false` leaves the model as it is. */
  receive(id: string): boolean {
    const queue = this.#queueOf.get(id);
    if (queue === undefined) return false;
    if (this.#freed.has(id) || queue.last === id) return true;
    const head = queue.waiting.findIndex((one) => !this.#freed.has(one));
    if (queue.waiting[head] !== id) return false;
    queue.last = id;
    queue.waiting.splice(0, head + 1);
    return true;
  }
}
