/**
 * The broker behind the memory transport: what reached it, and what it answers.
 *
 * @module
 */

import type {
  Clock,
  Message,
  Outcome,
  SendFailure,
  SendTerms,
} from "../../mod.ts";
import { copyOf } from "./memory_database.ts";

/** Instead of an answer: the broker ends the connection, and has not taken the message. */
export interface Ending {
  /** Tells it from an outcome. */
  readonly kind: "end";
  /** The reason that the connection gives. */
  readonly failure: SendFailure;
}

/** A message that reached the broker. */
export interface Arrival {
  /** Which connection brought it: 1 for the first that was opened. */
  readonly connection: number;
  /** When, in ms on the monotonic clock. */
  readonly atMs: number;
  /** How often a message with this id has arrived, this time included. */
  readonly attempt: number;
  /** A copy of the message. */
  readonly message: Message;
  /** What the sender added. */
  readonly terms: SendTerms;
  /** What the broker answers, or that it ended the connection. */
  readonly outcome: Outcome | Ending;
}

/**
 * What the broker answers when a message arrives for the `attempt`th time.
 *
 * `unknown` is a lost acknowledgement: the broker takes the message, and the
 * send stays pending until its connection ends. `unavailable` is a message that
 * never left. `end` is what a broker does that cannot bear a message.
 */
export type Answer = (message: Message, attempt: number) => Outcome | Ending;

/** Where the broker hangs: the rest of the way is not gone until released. */
export type HangPoint = "connect" | "arrival" | "acknowledgement";

/** A message, and what its sender added. */
export interface Cargo {
  /** The message. */
  readonly message: Message;
  /** What was added. */
  readonly terms: SendTerms;
}

/** Who brings a message. */
export interface Bringer {
  /** The number of the connection. */
  readonly number: number;
  /** Whether it has ended. */
  readonly ended: boolean;
  /** Ends it. */
  end(failure: SendFailure): void;
}

const DELIVERED: Outcome = { kind: "delivered" };

/** Takes, refuses and acknowledges; several connections share one broker. */
export class MemoryBroker {
  /** What was taken, in order of arrival. */
  readonly received: Arrival[] = [];
  /** What was refused, or ended its connection, in order of arrival. */
  readonly refused: Arrival[] = [];
  /** Where it hangs at present. */
  hangsAt: HangPoint | null = null;
  /** How many sends exceeded a window. */
  overruns = 0;
  readonly #clock: Clock;
  readonly #answer: Answer;
  readonly #attempts = new Map<string, number>();
  readonly #unacknowledged: (() => boolean)[] = [];

  /** Creates a broker that answers by the rule; without one it takes everything. */
  constructor(clock: Clock, answer: Answer | undefined) {
    this.#clock = clock;
    this.#answer = answer ?? (() => DELIVERED);
  }

  /** Takes or refuses a message; `null` is an answer that never comes. */
  take({ message, terms }: Cargo, from: Bringer): Outcome | null {
    const attempt = (this.#attempts.get(message.id) ?? 0) + 1;
    const outcome = this.#answer(copyOf(message), attempt);
    // The rule may have cut the connection under the message.
    if (from.ended) return null;
    if (outcome.kind === "unavailable") return outcome;
    this.#attempts.set(message.id, attempt);
    const taken = outcome.kind === "delivered" || outcome.kind === "unknown";
    (taken ? this.received : this.refused).push({
      connection: from.number,
      atMs: this.#clock.monotonicMs(),
      attempt,
      message: copyOf(message),
      terms,
      outcome,
    });
    if (outcome.kind === "end") from.end(outcome.failure);
    return outcome.kind === "unknown" || outcome.kind === "end"
      ? null
      : outcome;
  }

  /** Acknowledges now, or later when it hangs. `false` says that nobody listens. */
  offer(acknowledge: () => boolean): void {
    if (this.hangsAt !== "acknowledgement") acknowledge();
    else this.#unacknowledged.push(acknowledge);
  }

  /** Gives up to `count` of the acknowledgements that wait; returns how many it gave. */
  acknowledge(count: number): number {
    let given = 0;
    while (given < count) {
      const next = this.#unacknowledged.shift();
      if (next === undefined) break;
      if (next()) given++;
    }
    return given;
  }
}
