/**
 * The waiting line: who stands in it in the order of coming, whoever leaves.
 *
 * To ask a `Set` for its first member costs a walk past all that left it: with
 * thousands of lanes that take turns, more than to send a message. An iterator
 * that goes on where it was keeps in memory who left behind it. So each member
 * knows its neighbours.
 *
 * @module
 */

interface Place<T> {
  readonly member: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/** A set whose first member is known at once. */
export class WaitingLine<T extends object> {
  readonly #places: Map<T, Place<T>> = new Map();
  #first: Place<T> | undefined = undefined;
  #last: Place<T> | undefined = undefined;

  /** How many stand in it. */
  get size(): number {
    return this.#places.size;
  }

  /** Who came before all others. */
  get first(): T | undefined {
    return this.#first?.member;
  }

  /** All of them, as they came. */
  values(): Iterable<T> {
    return this.#places.keys();
  }

  /** Comes to stand last, unless it stands there already. */
  add(member: T): void {
    if (this.#places.has(member)) return;
    const place: Place<T> = { member, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#places.set(member, place);
  }

  /** Leaves; returns whether it stood there. */
  delete(member: T): boolean {
    const place = this.#places.get(member);
    if (place === undefined) return false;
    const { before, after } = place;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    return this.#places.delete(member);
  }

  /** Everybody leaves. */
  clear(): void {
    this.#places.clear();
    this.#first = undefined;
    this.#last = undefined;
  }
}
