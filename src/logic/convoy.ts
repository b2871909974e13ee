/**
 * The convoy: what of one lane is under way, in the order it was handed out.
 *
 * A message is under way until its outcome is recorded. Deliveries are due to
 * be recorded as an unbroken run from the front: what the broker took behind a
 * message that it did not take, goes again after that one. After the first
 * failure nothing joins any more, and nothing goes again before everything
 * that was sent has landed (go-back-N).
 *
 * @module
 */

import type { Message } from "../message.ts";
import type { Outcome } from "../transport.ts";

/** A message that has landed, and its outcome. */
export interface Landed {
  readonly message: Message;
  readonly outcome: Outcome;
}

/** What may be judged after a landing. */
export interface Arrivals {
  /** Those whose outcome counts: deliveries in order, and at last a failure. */
  readonly due: readonly Landed[];
  /** Those behind that failure, which go again whatever became of them. */
  readonly behind: readonly Landed[];
}

interface Member {
  readonly message: Message;
  /** `null` while it flies. */
  landed: Landed | null;
  /** Whether its outcome counts, and is to be recorded. */
  isDue: boolean;
}

/** What of one lane is under way. */
export class Convoy {
  #members: Member[] = [];
  #isClosed = false;
  #withheld = 0;

  /** Whether nothing is under way. */
  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  /** How many have landed behind one that has not, or has failed. */
  get withheld(): number {
    return this.#withheld;
  }

  /** Whether another message may join, of `size` at the most. */
  hasRoom(size: number): boolean {
    return !this.#isClosed && this.#members.length < size;
  }

  /** Whether a message may follow those under way: brokers keep order in one topic and QoS. */
  suits({ topic, qos }: Message): boolean {
    const last = this.#members.at(-1)?.message;
    return last === undefined || (last.topic === topic && last.qos === qos);
  }

  /** A message is handed out. */
  add(message: Message): void {
    this.#members.push({ message, landed: null, isDue: false });
  }

  /** Nothing joins before everything under way is recorded or back. */
  close(): void {
    this.#isClosed = !this.isEmpty;
  }

  /** A message has landed; returns what may be judged now. */
  land(seq: number, outcome: Outcome): Arrivals {
    const member = this.#members.find(({ message }) => message.seq === seq);
    if (member === undefined || member.landed !== null) return NOTHING;
    member.landed = { message: member.message, outcome };
    this.#withheld += 1;
    if (!isDelivered(outcome)) this.close();
    const due: Landed[] = [];
    for (const one of this.#members) {
      if (one.isDue) continue;
      if (one.landed === null || !isDelivered(one.landed.outcome)) break;
      due.push(this.#count(one, one.landed));
    }
    return this.#failure(due);
  }

  /** A message is recorded. */
  recorded(seq: number): void {
    this.#keep(({ message }) => message.seq !== seq);
  }

  /** Takes everything out from a message on, in order. */
  turnBack(seq: number): readonly Message[] {
    const back = this.#members.filter(({ message }) => message.seq >= seq);
    this.#keep(({ message }) => message.seq < seq);
    return back.map(({ message }) => message);
  }

  /** The failure that ends the run of deliveries, once all have landed. */
  #failure(due: readonly Landed[]): Arrivals {
    if (!this.#isClosed) return { due, behind: [] };
    const rest = this.#members.filter(({ isDue }) => !isDue);
    const landed = rest.flatMap((one) => one.landed ?? []);
    const [first] = rest;
    const [failure, ...behind] = landed;
    if (first === undefined || failure === undefined) {
      return { due, behind: [] };
    }
    if (landed.length < rest.length) return { due, behind: [] };
    return { due: [...due, this.#count(first, failure)], behind };
  }

  #count(member: Member, landed: Landed): Landed {
    member.isDue = true;
    this.#withheld -= 1;
    return landed;
  }

  #keep(stays: (member: Member) => boolean): void {
    this.#members = this.#members.filter(stays);
    this.#withheld =
      this.#members.filter(({ landed, isDue }) => landed !== null && !isDue)
        .length;
    if (this.isEmpty) this.#isClosed = false;
  }
}

const NOTHING: Arrivals = { due: [], behind: [] };

/** Total, whatever a transport returns. */
function isDelivered(outcome: Outcome): boolean {
  return outcome?.kind === "delivered";
}
