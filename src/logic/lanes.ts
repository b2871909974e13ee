/**
 * Lanes: which message may go now.
 *
 * A lane holds the messages of one key in commit order and has at most one
 * message under way. A message is under way from the moment it is handed out
 * until its outcome has been recorded, not only until it is acknowledged:
 * a crash in between makes it go out again, and it must do so before its
 * successor. What does not fit into memory, or waits behind a refused message,
 * is left in the store; the lane remembers where.
 *
 * @module
 */

import type { Message } from "../message.ts";

/** A key, or the sequence of a message without one. */
type LaneId = string | number;

/** Why a lane waits: until an instant (monotonic ms), or for an operator. */
type Block = { readonly untilMs: number } | "held";

/** All messages of one key, in commit order. */
export interface Lane {
  readonly id: LaneId;
  readonly key: string | null;
  /** Read and not handed out; ascending. */
  readonly queue: Message[];
  /** Handed out, outcome not yet recorded. */
  underway: Message | null;
  block: Block | null;
  /** The first message that is left in the store, or `null` when none is known. */
  unreadFrom: number | null;
}

/** Every lane that has something to remember. */
export class Lanes {
  readonly #depth: number;
  readonly #lanes: Map<LaneId, Lane> = new Map();
  /** Lanes whose first queued message may go; in the order they became so. */
  readonly #ready: Set<Lane> = new Set();
  /** Lanes that should be read from the store next. */
  readonly #behind: Set<Lane> = new Set();
  /** Lanes that are read beyond what the common read has reached. */
  readonly #ahead: Set<Lane> = new Set();
  /** Blocked lanes. */
  readonly #blocked: Set<Lane> = new Set();
  /** Keys of lanes that have something unread in the store. */
  readonly #lagging: Set<string> = new Set();
  #nextDueMs = Infinity;
  #queued = 0;
  #queuedBytes = 0;

  /** Creates an empty table for at most `depth` messages of one lane. */
  constructor({ depth }: { readonly depth: number }) {
    this.#depth = depth;
  }

  /** Messages in memory that are not handed out. */
  get queued(): number {
    return this.#queued;
  }

  /** Their payload, in bytes. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether a message may go now. */
  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** How many lanes wait, for a time or for an operator. */
  get blockedCount(): number {
    return this.#blocked.size;
  }

  /** When the next waiting lane may try again (monotonic ms), or `Infinity`. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** Keys of lanes that are read on their own; a common read leaves them out. */
  laggingKeys(): readonly string[] {
    return [...this.#lagging];
  }

  /** Takes in messages of a common read, by ascending sequence. */
  admit(messages: readonly Message[]): void {
    for (const message of messages) {
      const lane = this.lane(message.key, message.seq);
      // A lane with a gap is read on its own; its own read covers this one.
      if (lane.unreadFrom !== null) continue;
      if (lane.queue.length < this.#depth) this.#push(lane, message);
      else this.#leave(lane, message.seq);
      this.#sort(lane);
    }
  }

  /** Takes in messages of a lane's own read; `unreadFrom` is where it stopped, if short of the end. */
  admitLane(
    lane: Lane,
    messages: readonly Message[],
    unreadFrom: number | null,
  ): void {
    this.#catchUp(lane);
    const room = this.#depth - lane.queue.length;
    for (const message of messages.slice(0, room)) this.#push(lane, message);
    const left = messages[room]?.seq ?? unreadFrom;
    if (left !== null) this.#leave(lane, left);
    this.#sort(lane);
  }

  /** The next lane to be read on its own, or `null`. */
  nextBehind(): Lane | null {
    for (const lane of this.#behind) return lane;
    return null;
  }

  /** The common read leaves out something of the lane: it is read on its own from `seq` on. */
  readApart(lane: Lane, seq: number): void {
    if (lane.unreadFrom === null) this.#leave(lane, seq);
  }

  /** The lane waits until the common read has reached the part it has read itself. */
  waitForCommonRead(lane: Lane): void {
    this.#behind.delete(lane);
    this.#ahead.add(lane);
  }

  /** The common read has reached `cursor`. */
  commonReadReached(cursor: number): void {
    for (const lane of this.#ahead) {
      if (lane.unreadFrom !== null && lane.unreadFrom > cursor + 1) continue;
      this.#sort(lane);
    }
  }

  /** The message that {@link take} would hand out. */
  peek(): Message | null {
    const [lane] = this.#ready;
    return lane?.queue[0] ?? null;
  }

  /** Hands out the next message that may go, or `null`. */
  take(): { readonly lane: Lane; readonly message: Message } | null {
    const [lane] = this.#ready;
    const [message] = this.#handOut(lane, 1);
    return lane && message ? { lane, message } : null;
  }

  /** The same of its lane's first messages that match; they are recorded together. */
  takeWhile(
    matches: (message: Message) => boolean,
  ): { readonly lane: Lane; readonly messages: readonly Message[] } | null {
    const [lane] = this.#ready;
    const end = lane?.queue.findIndex((message) => !matches(message)) ?? 0;
    const messages = this.#handOut(lane, end < 0 ? Infinity : end);
    return lane && messages.length > 0 ? { lane, messages } : null;
  }

  /** The message under way was not taken: it goes again, first of its lane. */
  putBack(lane: Lane): void {
    const message = lane.underway;
    if (message === null) return;
    lane.underway = null;
    // After a restart the lane's own read brings it back, in its place.
    if (lane.unreadFrom === null || lane.unreadFrom > message.seq) {
      lane.queue.unshift(message);
      this.#count(message, 1);
    }
    this.#sort(lane);
  }

  /** The outcome of the message under way is recorded: the lane goes on. */
  goOn(lane: Lane): void {
    lane.underway = null;
    this.#sort(lane);
  }

  /** The lane waits until `untilMs` (monotonic), then starts from `seq` again. */
  waitUntil(lane: Lane, seq: number, untilMs: number): void {
    this.#rewind(lane, seq);
    this.#block(lane, { untilMs });
    this.#nextDueMs = Math.min(this.#nextDueMs, untilMs);
  }

  /**
   * The lane waits for an operator; it will start from `seq` again. What an
   * operator has brought back before `seq` goes first.
   */
  hold(lane: Lane, seq: number): void {
    this.#rewind(lane, seq);
    if (lane.unreadFrom === seq) this.#block(lane, "held");
    else this.#sort(lane);
  }

  /** Starts from `seq` again, or from before it, whatever the lane waited for. */
  restart(key: string | null, seq: number): void {
    const lane = this.lane(key, seq);
    // A message under way is recorded first; the lane is read again after it.
    const { underway } = lane;
    this.#rewind(lane, seq);
    lane.underway = underway;
    lane.block = null;
    this.#blocked.delete(lane);
    this.#sort(lane);
  }

  /** The lane of a key, made when it is missing; `seq` names it when there is no key. */
  lane(key: string | null, seq: number): Lane {
    const id = key ?? seq;
    let lane = this.#lanes.get(id);
    if (lane === undefined) {
      const empty = { queue: [], underway: null, block: null };
      lane = { id, key, unreadFrom: null, ...empty };
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  /** Lets lanes go whose time has come. */
  wakeDue(nowMs: number): void {
    if (nowMs < this.#nextDueMs) return;
    this.#nextDueMs = Infinity;
    for (const lane of this.#blocked) {
      if (lane.block === null || lane.block === "held") continue;
      if (lane.block.untilMs <= nowMs) {
        lane.block = null;
        this.#blocked.delete(lane);
        this.#sort(lane);
      } else {
        this.#nextDueMs = Math.min(this.#nextDueMs, lane.block.untilMs);
      }
    }
  }

  /** Puts a lane where it belongs after a change: ready, behind, or forgotten. */
  #sort(lane: Lane): void {
    this.#behind.delete(lane);
    this.#ahead.delete(lane);
    if (lane.underway !== null || lane.block !== null) return;
    if (lane.queue.length > 0) this.#ready.add(lane);
    else if (lane.unreadFrom !== null) this.#behind.add(lane);
    else this.#lanes.delete(lane.id);
  }

  #handOut(lane: Lane | undefined, count: number): readonly Message[] {
    const messages = lane?.queue.splice(0, count) ?? [];
    const [first] = messages;
    if (lane === undefined || first === undefined) return [];
    this.#ready.delete(lane);
    for (const message of messages) this.#count(message, -1);
    lane.underway = first;
    return messages;
  }

  #push(lane: Lane, message: Message): void {
    lane.queue.push(message);
    this.#count(message, 1);
  }

  #count(message: Message, sign: 1 | -1): void {
    this.#queued += sign;
    this.#queuedBytes += sign * message.payload.byteLength;
  }

  /** Notes that the lane goes on in the store from `seq`. */
  #leave(lane: Lane, seq: number): void {
    lane.unreadFrom = seq;
    if (lane.key !== null) this.#lagging.add(lane.key);
  }

  #catchUp(lane: Lane): void {
    lane.unreadFrom = null;
    if (lane.key !== null) this.#lagging.delete(lane.key);
  }

  /** Forgets what is in memory; the lane goes on in the store from `seq`, or from before it. */
  #rewind(lane: Lane, seq: number): void {
    const first = lane.queue[0]?.seq ?? seq;
    const from = Math.min(seq, first, lane.unreadFrom ?? seq);
    for (const message of lane.queue) this.#count(message, -1);
    lane.queue.length = 0;
    lane.underway = null;
    this.#ready.delete(lane);
    this.#leave(lane, from);
  }

  #block(lane: Lane, block: Block): void {
    lane.block = block;
    this.#blocked.add(lane);
    this.#behind.delete(lane);
    this.#ahead.delete(lane);
  }
}
