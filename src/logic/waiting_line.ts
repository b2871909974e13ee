/**
 * The waiting line: who stands in it in the order of coming, whoever leaves.
 *
 * To ask a `Set` for its first member costs a walk past all that left it: with
 * thousands of lanes that take turns, more than to send a message. So the line
 * walks only once, with an iterator that goes on where it was.
 *
 * @module
 */

/** A set whose first member is known at once. */
export class WaitingLine<T extends object> {
  readonly #members: Set<T> = new Set();
  /** Stands behind the first member. */
  #behind: Iterator<T, undefined> = this.#members.values();
  #first: T | undefined = undefined;

  /** How many stand in it. */
  get size(): number {
    return this.#members.size;
  }

  /** Who came before all others. */
  get first(): T | undefined {
    return this.#first;
  }

  /** All of them, as they came. */
  values(): Iterable<T> {
    return this.#members.values();
  }

  /** Comes to stand last, unless it stands there already. */
  add(member: T): void {
    this.#members.add(member);
    if (this.#first !== undefined) return;
    // An iterator that has come to an end stays there.
    this.#behind = this.#members.values();
    this.#advance();
  }

  /** Leaves; returns whether it stood there. */
  delete(member: T): boolean {
    const stood = this.#members.delete(member);
    if (member === this.#first) this.#advance();
    return stood;
  }

  /** Everybody leaves. */
  clear(): void {
    this.#members.clear();
    this.#first = undefined;
  }

  #advance(): void {
    this.#first = this.#behind.next().value;
  }
}
