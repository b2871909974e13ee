/**
 * What is set aside: the failure records of messages that wait, or that their
 * lane must not pass. Dead messages that hold nobody need not be known.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { FailureRecord } from "./failure_record.ts";
import type { Message } from "./message.ts";
import type { RelayStore } from "./store.ts";

/** Records read at a time. */
const PAGE = 1_000;

/** The failure records that matter, up to a limit. */
export class SetAside {
  readonly #limit: number;
  readonly #records: Map<number, FailureRecord> = new Map();
  /** The same, by key. */
  readonly #obstacles: Map<string, Map<number, FailureRecord>> = new Map();
  /** Messages in memory that were read in their lane, by sequence. */
  readonly #readApart: Set<number> = new Set();
  #horizon = Infinity;

  /** Creates an empty set that may hold `limit` records. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Messages beyond this sequence may be set aside without our knowing. */
  get horizon(): number {
    return this.#horizon;
  }

  /** Whether no more records fit. */
  get isFull(): boolean {
    return this.#records.size >= this.#limit;
  }

  /** The record of a message, if it has one. */
  get(seq: number): FailureRecord | undefined {
    return this.#records.get(seq);
  }

  /** Whether a message has a record. */
  has(seq: number): boolean {
    return this.#records.has(seq);
  }

  /** Whether a message may have a record: it has one, or nobody would have seen it. */
  mayHave(seq: number): boolean {
    return this.#records.has(seq) || this.#readApart.has(seq) ||
      seq > this.#horizon;
  }

  /**
   * These were read in their lane, which does not leave out what has a record:
   * an operator may have brought one back since the records were read.
   */
  noteReadApart(messages: readonly Message[]): void {
    for (const { seq } of messages) this.#readApart.add(seq);
  }

  /** The dead messages that hold their lane. */
  dead(): FailureRecord[] {
    return [...this.#records.values()].filter(({ state }) => state === "dead");
  }

  /** Takes note of a record, if anything waits for its message. */
  remember(record: FailureRecord): void {
    const { seq, key } = record;
    this.forget(seq);
    if (!isWaiting(record)) return;
    this.#records.set(seq, record);
    if (key === null) return;
    const obstacles = this.#obstacles.get(key) ?? new Map();
    this.#obstacles.set(key, obstacles.set(seq, record));
  }

  /** The message is delivered, or gone. */
  forget(seq: number): void {
    this.#readApart.delete(seq);
    const key = this.#records.get(seq)?.key ?? null;
    this.#records.delete(seq);
    if (key === null) return;
    const obstacles = this.#obstacles.get(key);
    obstacles?.delete(seq);
    if (obstacles?.size === 0) this.#obstacles.delete(key);
  }

  /** The first dead message that its lane must not pass, or `Infinity`. */
  barrierOf(key: string | null): number {
    let barrier = Infinity;
    for (const { seq, state } of this.#obstaclesOf(key)) {
      if (state === "dead") barrier = Math.min(barrier, seq);
    }
    return barrier;
  }

  /** The last message that its lane must not pass, or 0: a common read does not return it. */
  lastObstacleOf(key: string | null): number {
    let last = 0;
    for (const { seq } of this.#obstaclesOf(key)) last = Math.max(last, seq);
    return last;
  }

  /** How many lanes wait for an operator, and the dead messages at their heads. */
  heldLanes(limit: number): {
    readonly count: number;
    readonly heads: readonly FailureRecord[];
  } {
    let count = 0;
    const heads: FailureRecord[] = [];
    for (const key of this.#obstacles.keys()) {
      const head = this.#records.get(this.barrierOf(key));
      if (head === undefined) continue;
      count += 1;
      if (heads.length < limit) heads.push(head);
    }
    return { count, heads };
  }

  /**
   * Reads the records that matter, as many as may be held and at least as far
   * as is known already, and sets the horizon.
   */
  async read(store: RelayStore, clock: Clock): Promise<FailureRecord[]> {
    const waiting: FailureRecord[] = [];
    let known = 0;
    for (const seq of this.#records.keys()) known = Math.max(known, seq);
    for (let after = 0;;) {
      const page = await store.failures({ after, limit: PAGE });
      after = page.at(-1)?.seq ?? after;
      for (const record of page) {
        if (!isWaiting(record)) continue;
        waiting.push(record);
        if (waiting.length < this.#limit || record.seq < known) continue;
        this.#horizon = record.seq;
        return waiting;
      }
      if (page.length < PAGE) break;
      await clock.turn();
    }
    this.#horizon = Infinity;
    return waiting;
  }

  #obstaclesOf(key: string | null): Iterable<FailureRecord> {
    return (key === null ? undefined : this.#obstacles.get(key))?.values() ??
      [];
  }
}

/** Whether a message will go again, or its lane must not pass it. */
function isWaiting({ state, holds, key }: FailureRecord): boolean {
  return state === "retry" || (holds && key !== null);
}
