/**
 * Silent ends: connections that ended without a word while messages were under
 * way. Any of these messages may have been the cause, or none: when all of them
 * have come through since, it was the network.
 *
 * @module
 */

/** The greatest window there is (MQTT 5 §3.2.2.3.3); older messages count for nothing. */
const MAX_SEQS = 65_535;

/** One of them. */
interface SilentEnd {
  readonly size: number;
  /** How many of those under way have not come through since. */
  left: number;
  /** Whether its cause is known, or can no longer be found. */
  isClosed: boolean;
}

/** The ends that nothing explains yet. */
export class SilentEnds {
  /** At which ends a message was under way that has not come through since. */
  readonly #endsOf: Map<number, SilentEnd[]> = new Map();

  /** Whether a message was under way at one of them. */
  has(seq: number): boolean {
    return this.#endsOf.has(seq);
  }

  /** A connection ended with these under way. */
  add(underway: readonly number[]): void {
    const size = underway.length;
    const end = { size, left: size, isClosed: false };
    for (const seq of underway) {
      const ends = this.#endsOf.get(seq) ?? [];
      // Twice alone is once alone: both are explained by the same.
      if (size === 1 && ends.some((earlier) => earlier.size === 1)) return;
      ends.push(end);
      this.#endsOf.set(seq, ends);
    }
    for (const oldest of this.#endsOf.keys()) {
      if (this.#endsOf.size <= MAX_SEQS) break;
      this.explain(oldest);
    }
  }

  /** A message came through. Returns whether an end is proven to be the network's now. */
  cameThrough(seq: number): boolean {
    return this.#remove(seq).some(({ left, isClosed }) =>
      left === 0 && !isClosed
    );
  }

  /** A message was answered for, if with a refusal; whether the link works, that does not say. */
  refused(seq: number): void {
    this.#remove(seq);
  }

  /** A message is the cause of all that it was under way at, or nobody will ever know. */
  explain(seq: number): void {
    for (const end of this.#remove(seq)) end.isClosed = true;
  }

  #remove(seq: number): readonly SilentEnd[] {
    const ends = this.#endsOf.get(seq) ?? [];
    this.#endsOf.delete(seq);
    for (const end of ends) end.left -= 1;
    return ends;
  }
}
