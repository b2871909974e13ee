/**
 * Dispatch: hands messages to a connection and gathers what became of them.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Lane } from "./logic/lane.ts";
import { WaitingLine } from "./logic/waiting_line.ts";
import type { Message } from "./message.ts";
import type { Connection, Outcome, SendTerms } from "./transport.ts";

/** A message on its way, or just landed. */
export interface Flight {
  readonly message: Message;
  readonly lane: Lane;
  readonly connection: Connection;
  readonly terms: SendTerms;
  /** What was decided about it before it was sent: it is not sent then. */
  readonly sentence?: Outcome;
}

/** Whether a flight reaches a connection, and is not decided beforehand. */
export function isSent({ sentence, message }: Flight): boolean {
  return sentence === undefined && message.damage === undefined;
}

/** A flight and its outcome. */
export interface Landing {
  readonly flight: Flight;
  readonly outcome: Outcome;
}

/** The messages sent and not yet acknowledged. */
export class Dispatch {
  readonly #clock: Clock;
  readonly #onLanding: () => void;
  /** In the order they were sent. */
  readonly #flights: WaitingLine<Flight> = new WaitingLine();
  #landings: Landing[] = [];
  /** What was taken last: its doubts may be what ends their connection. */
  #taken: readonly Landing[] = [];
  #oldestSinceMs = 0;
  #isHalted = false;

  /** Creates an empty window; `onLanding` is called for every outcome. */
  constructor(clock: Clock, onLanding: () => void) {
    this.#clock = clock;
    this.#onLanding = onLanding;
  }

  /** Messages without an outcome. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** Messages without an outcome, or with one that was not yet taken. */
  get unjudged(): number {
    return this.#flights.size + this.#landings.length;
  }

  /**
   * The monotonic instant since which no progress was made: when the oldest
   * message was sent, or became the oldest. Brokers acknowledge in order, so a
   * slow link makes progress and a lost acknowledgement does not.
   */
  get stalledSinceMs(): number {
    return this.#flights.size === 0 ? Infinity : this.#oldestSinceMs;
  }

  /** Whether nothing may be sent any more. */
  get isHalted(): boolean {
    return this.#isHalted;
  }

  /** Nothing may be sent any more, not even by a pass that is under way. */
  halt(): void {
    this.#isHalted = true;
  }

  /** Sends one message; one that was damaged, or decided about, lands at once. */
  send(flight: Flight): void {
    if (this.#flights.size === 0) {
      this.#oldestSinceMs = this.#clock.monotonicMs();
    }
    this.#flights.add(flight);
    const land = (outcome?: Outcome) =>
      this.#land(flight, outcome ?? { kind: "unknown" });
    if (flight.sentence !== undefined) return land(flight.sentence);
    const { damage } = flight.message;
    if (damage !== undefined) {
      return land({
        kind: "dead",
        failure: { code: "DAMAGED", reason: damage },
      });
    }
    try {
      flight.connection.send(flight.message, flight.terms)
        .then(land, () => land());
    } catch {
      land();
    }
  }

  /** The connection is gone: returns those of its messages that have an unknown outcome. */
  lose(connection: Connection): readonly number[] {
    for (const flight of [...this.#flights.values()]) {
      if (flight.connection === connection) {
        this.#land(flight, { kind: "unknown" });
      }
    }
    return [...this.#taken, ...this.#landings]
      .filter(({ flight, outcome }) =>
        flight.connection === connection && outcome.kind === "unknown"
      )
      .map(({ flight }) => flight.message.seq);
  }

  /** Takes the outcomes that arrived since the last call. */
  landings(): readonly Landing[] {
    this.#taken = this.#landings;
    this.#landings = [];
    return this.#taken;
  }

  /** Forgets everything on its way: the lease it was sent under is gone. */
  abandon(): void {
    this.#flights.clear();
    this.#landings = [];
    this.#taken = [];
  }

  #land(flight: Flight, outcome: Outcome): void {
    const oldest = this.#flights.first;
    if (!this.#flights.delete(flight)) return;
    if (oldest === flight) this.#oldestSinceMs = this.#clock.monotonicMs();
    this.#landings.push({ flight, outcome });
    this.#onLanding();
  }
}
