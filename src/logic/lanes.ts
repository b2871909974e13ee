/**
 * Lanes: which message may go now.
 *
 * A lane holds the messages of one key in commit order and has at most so many
 * of them under way: one in strict order. A message is under way from the
 * moment it is handed out until its outcome has been recorded, not only until
 * it is acknowledged: a crash in between makes it go out again, and it must do
 * so before its successor. What does not fit into memory, or waits behind a
 * refused message, is left in the store; the lane remembers where.
 *
 * @module
 */

import type { Message } from "../message.ts";
import type { Outcome } from "../transport.ts";
import type { Arrivals } from "./convoy.ts";
import { type Block, emptyLane, type Lane, type LaneId } from "./lane.ts";
import { LaggingLanes } from "./lagging_lanes.ts";
import { WaitingLanes } from "./waiting_lanes.ts";
import { WaitingLine } from "./waiting_line.ts";

/** How many messages of one lane may be in memory, and under way (1 by default). */
export interface LanesOptions {
  readonly depth: number;
  readonly window?: number;
}

/** Every lane that has something to remember. */
export class Lanes {
  readonly #depth: number;
  readonly #window: number;
  readonly #lanes: Map<LaneId, Lane> = new Map();
  /** Lanes whose first queued message may go; in the order they became so. */
  readonly #ready: WaitingLine<Lane> = new WaitingLine();
  readonly #waiting: WaitingLanes = new WaitingLanes();
  readonly #lagging: LaggingLanes = new LaggingLanes();
  #queued = 0;
  #queuedBytes = 0;
  #withheld = 0;

  /** Creates an empty table. */
  constructor({ depth, window = 1 }: LanesOptions) {
    this.#depth = depth;
    this.#window = window;
  }

  /** Messages in memory that are not handed out. */
  get queued(): number {
    return this.#queued;
  }

  /** Their payload, in bytes. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Messages that have landed behind one that has not, or has failed. */
  get withheld(): number {
    return this.#withheld;
  }

  /** Whether a message may go now. */
  get hasReady(): boolean {
    return this.#ready.size > 0;
  }

  /** How many lanes wait, for a time or for an operator. */
  get blockedCount(): number {
    return this.#waiting.count;
  }

  /** When the next waiting lane may try again (monotonic ms), or `Infinity`. */
  get nextDueMs(): number {
    return this.#waiting.nextDueMs;
  }

  /** Keys of lanes that are read on their own; a common read leaves them out. */
  laggingKeys(): readonly string[] {
    return this.#lagging.keys();
  }

  /** Takes in messages of a common read, by ascending sequence. */
  admit(messages: readonly Message[]): void {
    for (const message of messages) {
      const lane = this.lane(message.key, message.seq);
      // A lane with a gap is read on its own; its own read covers this one.
      if (lane.unreadFrom !== null) continue;
      if (lane.queue.length < this.#depth) this.#push(lane, message);
      else this.#lagging.leave(lane, message.seq);
      this.#sort(lane);
    }
  }

  /** Takes in messages of a lane's own read; `unreadFrom` is where it stopped, if short of the end. */
  admitLane(
    lane: Lane,
    messages: readonly Message[],
    unreadFrom: number | null,
  ): void {
    this.#lagging.catchUp(lane);
    const room = this.#depth - lane.queue.length;
    for (const message of messages.slice(0, room)) this.#push(lane, message);
    const left = messages[room]?.seq ?? unreadFrom;
    if (left !== null) this.#lagging.leave(lane, left);
    this.#sort(lane);
  }

  /** The next lane to be read on its own, or `null`. */
  nextBehind(): Lane | null {
    return this.#lagging.next();
  }

  /** The common read leaves out something of the lane: it is read on its own from `seq` on. */
  readApart(lane: Lane, seq: number): void {
    if (lane.unreadFrom === null) this.#lagging.leave(lane, seq);
  }

  /** The lane waits until the common read has reached the part it has read itself. */
  waitForCommonRead(lane: Lane): void {
    this.#lagging.wantLater(lane);
  }

  /** The common read has reached `cursor`. */
  commonReadReached(cursor: number): void {
    for (const lane of this.#lagging.reachedBy(cursor)) this.#sort(lane);
  }

  /** The message that {@link take} would hand out. */
  peek(): Message | null {
    return this.#ready.first?.queue[0] ?? null;
  }

  /** Hands out the next message that may go, or `null`. */
  take(): { readonly lane: Lane; readonly message: Message } | null {
    const lane = this.#ready.first;
    const [message] = this.#handOut(lane, 1);
    if (lane === undefined || message === undefined) return null;
    // It will not be sent, and nothing should pass it.
    if (message.damage !== undefined) this.close(lane);
    return { lane, message };
  }

  /**
   * The same of its lane's first messages that match; they are recorded
   * together. None while others of the lane are under way: they go first.
   */
  takeWhile(
    matches: (message: Message) => boolean,
  ): { readonly lane: Lane; readonly messages: readonly Message[] } | null {
    const lane = this.#ready.first;
    const end = lane?.queue.findIndex((message) => !matches(message)) ?? 0;
    if (lane === undefined || end === 0) return null;
    const count = end < 0 ? Infinity : end;
    const messages = lane.convoy.isEmpty ? this.#handOut(lane, count) : [];
    this.close(lane);
    return { lane, messages };
  }

  /** Nothing more of the lane goes before all of it that is under way is recorded. */
  close(lane: Lane): void {
    lane.convoy.close();
    this.#sort(lane);
  }

  /** A message has landed; returns what may be judged now. */
  land(lane: Lane, seq: number, outcome: Outcome): Arrivals {
    this.#withheld -= lane.convoy.withheld;
    const arrivals = lane.convoy.land(seq, outcome);
    this.#withheld += lane.convoy.withheld;
    this.#sort(lane);
    return arrivals;
  }

  /** From this message on nothing was taken: all of it goes again, first of its lane. */
  putBack(lane: Lane, seq: number): void {
    const messages = this.#turnBack(lane, seq)
      // After a restart the lane's own read brings the rest back, in its place.
      .filter(({ seq }) => lane.unreadFrom === null || lane.unreadFrom > seq);
    lane.queue.unshift(...messages);
    for (const message of messages) this.#count(message, 1);
    this.#sort(lane);
  }

  /** A message is recorded, and leaves its place: the lane goes on. */
  goOn(lane: Lane, seq: number): void {
    lane.convoy.recorded(seq);
    lane.isCautious = false;
    this.#sort(lane);
  }

  /** A dead message gives up its place: what was sent behind it goes again. */
  skip(lane: Lane, seq: number): void {
    lane.convoy.recorded(seq);
    lane.isCautious = true;
    this.putBack(lane, seq);
  }

  /** The lane waits until `untilMs` (monotonic), then starts from `seq` again. */
  waitUntil(lane: Lane, seq: number, untilMs: number): void {
    this.#turnBack(lane, seq);
    this.#rewind(lane, seq);
    this.#block(lane, { untilMs });
  }

  /**
   * The lane waits for an operator; it will start from `seq` again. What an
   * operator has brought back before `seq` goes first, as does what is under way.
   */
  hold(lane: Lane, seq: number): void {
    this.#turnBack(lane, seq);
    this.#rewind(lane, seq);
    if (!lane.convoy.isEmpty) this.close(lane);
    else if (lane.unreadFrom === seq) this.#block(lane, "held");
    else this.#sort(lane);
  }

  /** Starts from `seq` again, or from before it, whatever the lane waited for. */
  restart(key: string | null, seq: number): void {
    const lane = this.lane(key, seq);
    // What is under way is recorded first; the lane is read again after it.
    this.#rewind(lane, seq);
    this.#waiting.remove(lane);
    this.close(lane);
  }

  /** The lane of a key, made when it is missing; `seq` names it when there is no key. */
  lane(key: string | null, seq: number): Lane {
    const id = key ?? seq;
    let lane = this.#lanes.get(id);
    if (lane === undefined) {
      lane = emptyLane(key, seq);
      this.#lanes.set(id, lane);
    }
    return lane;
  }

  /** Lets lanes go whose time has come. */
  wakeDue(nowMs: number): void {
    for (const lane of this.#waiting.takeDue(nowMs)) this.#sort(lane);
  }

  /** Puts a lane where it belongs after a change: ready, behind, or forgotten. */
  #sort(lane: Lane): void {
    const { convoy, queue: [next], unreadFrom } = lane;
    this.#lagging.unwant(lane);
    const mayGo = lane.block === null &&
      convoy.hasRoom(lane.isCautious ? 1 : this.#window);
    const isReady = mayGo && next !== undefined && convoy.suits(next);
    this.#ready[isReady ? "add" : "delete"](lane);
    if (!mayGo || next !== undefined) return;
    if (unreadFrom !== null) this.#lagging.want(lane);
    else if (convoy.isEmpty) this.#lanes.delete(lane.id);
  }

  #handOut(lane: Lane | undefined, count: number): readonly Message[] {
    const messages = lane?.queue.splice(0, count) ?? [];
    if (lane === undefined) return [];
    for (const message of messages) {
      this.#count(message, -1);
      lane.convoy.add(message);
    }
    // The lanes take turns.
    this.#ready.delete(lane);
    this.#sort(lane);
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

  /** Forgets what is in memory; the lane goes on in the store from `seq`, or from before it. */
  #rewind(lane: Lane, seq: number): void {
    const first = lane.queue[0]?.seq ?? seq;
    const from = Math.min(seq, first, lane.unreadFrom ?? seq);
    for (const message of lane.queue) this.#count(message, -1);
    lane.queue.length = 0;
    lane.isCautious = true;
    this.#ready.delete(lane);
    this.#lagging.leave(lane, from);
  }

  #turnBack({ convoy }: Lane, seq: number): readonly Message[] {
    this.#withheld -= convoy.withheld;
    const messages = convoy.turnBack(seq);
    this.#withheld += convoy.withheld;
    return messages;
  }

  #block(lane: Lane, block: Block): void {
    this.#waiting.add(lane, block);
    this.#lagging.unwant(lane);
  }
}
