/**
 * The timeline: all virtual time of a seed, and what happens next in it.
 *
 * Events are ordered by time and then by registration. Between two events
 * everything runs that can: the next one takes place as soon as no microtask is
 * left. No event loop is involved, so a seed takes no longer than its own code.
 *
 * @module
 */

import { setMaxListeners } from "node:events";
import type { Clock } from "@mailboat/outbox";

/** How the timeline lets code run to its end between two events. */
export type Settling =
  /** A tick of the process comes when no microtask is left: fast. */
  | "ticks"
  /** Through macrotasks of the machine: slow, and beyond doubt. */
  | "macrotasks";

interface Event {
  readonly atMs: number;
  readonly order: number;
  /** `null` once it was called off. */
  act: (() => void) | null;
}

/** Events at one instant beyond which a loop waits for nothing. */
const MAX_EVENTS_AT_ONCE = 20_000;

// A connection that ends wakes everything that travels on it.
setMaxListeners(0);

/** Taken before anybody guards the globals. */
const { setImmediate } = globalThis;
const { nextTick } = process;

/** A {@link Clock} for a whole world; processes have views of it. */
export class Timeline implements Clock {
  /** Events that took place so far: the cost of a seed. */
  events = 0;
  readonly #settling: Settling;
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #order = 0;
  #pending = 0;
  #atOnce = 0;

  /** Starts at 0. */
  constructor(settling: Settling) {
    this.#settling = settling;
  }

  /** How many events are to come; 0 proves that no timer is left. */
  get pending(): number {
    return this.#pending;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  /** Lets something happen later, on a whole millisecond as timers do; the result calls it off. */
  at(atMs: number, act: () => void): () => void {
    const event: Event = {
      atMs: Math.max(Math.ceil(atMs), this.#nowMs),
      order: this.#order++,
      act,
    };
    push(this.#heap, event);
    this.#pending += 1;
    return () => {
      if (event.act === null) return;
      event.act = null;
      this.#pending -= 1;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        callOff();
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const callOff = this.at(this.#nowMs + Math.max(0, ms), end);
      signal?.addEventListener("abort", end);
    });
  }

  turn(): Promise<void> {
    return this.sleep(0);
  }

  /** Moves forward by `ms`, event by event. */
  async advance(ms: number): Promise<void> {
    const targetMs = this.#nowMs + ms;
    await this.#settle();
    while (this.#next(targetMs)) await this.#settle();
    this.#nowMs = targetMs;
  }

  #next(lastMs: number): boolean {
    const heap = this.#heap;
    while (heap[0]?.act === null) pop(heap);
    const [next] = heap;
    if (next === undefined || next.atMs > lastMs) return false;
    pop(heap);
    this.#atOnce = next.atMs > this.#nowMs ? 0 : this.#atOnce + 1;
    if (this.#atOnce > MAX_EVENTS_AT_ONCE) {
      throw new Error(
        `Cannot go on at ${this.#nowMs} ms as ${MAX_EVENTS_AT_ONCE} events took place at this instant: a loop waits for nothing`,
      );
    }
    this.#nowMs = next.atMs;
    this.events += 1;
    this.#pending -= 1;
    const { act } = next;
    next.act = null;
    act?.();
    return true;
  }

  #settle(): Promise<void> {
    return new Promise((resolve) =>
      this.#settling === "ticks" ? nextTick(resolve) : setImmediate(resolve)
    );
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs ||
    (one.atMs === other.atMs && one.order < other.order);
}

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above]!;
    if (isBefore(parent, event)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = event;
}

/** Removes the first event of a heap that is not empty. */
function pop(heap: Event[]): void {
  const last = heap.pop()!;
  const size = heap.length;
  if (size === 0) return;
  let index = 0;
  for (;;) {
    let below = 2 * index + 1;
    if (below >= size) break;
    if (below + 1 < size && isBefore(heap[below + 1]!, heap[below]!)) below++;
    if (isBefore(last, heap[below]!)) break;
    heap[index] = heap[below]!;
    index = below;
  }
  heap[index] = last;
}
