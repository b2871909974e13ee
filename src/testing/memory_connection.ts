/**
 * One connection of a memory transport: a wire that keeps the order, and sends
 * that wait for their acknowledgement.
 *
 * @module
 */

import type {
  Clock,
  Connection,
  ConnectionWarning,
  Message,
  Outcome,
  SendFailure,
  SendTerms,
} from "../../mod.ts";
import type { Bringer, Cargo, MemoryBroker } from "./memory_broker.ts";

/** How long something takes, in ms: always the same, or per message. */
export type Delay = number | ((message: Message) => number);

/** What a connection is made of. */
export interface MemoryWire {
  /** Where it leads. */
  readonly broker: MemoryBroker;
  /** Where delays come from. */
  readonly clock: Clock;
  /** Its number: 1 for the first that was opened. */
  readonly number: number;
  /** How many messages may be unacknowledged. */
  readonly window: number;
  /** What people should know about it. */
  readonly warnings: readonly ConnectionWarning[];
  /** How long a message travels. */
  readonly arriveMs: Delay;
  /** How long its acknowledgement takes. */
  readonly acknowledgeMs: Delay;
}

/** A send without an outcome. */
interface Flight extends Cargo {
  readonly dueMs: number;
  readonly resolve: (outcome: Outcome) => void;
}

const CLOSED: SendFailure = { code: "CLOSED", reason: "Closed by this side" };
const OVERRUN: SendFailure = {
  code: "WINDOW_EXCEEDED",
  reason: "More messages were sent than the window allows",
};

/** A connection, and what its broker does with it. */
export class MemoryConnection implements Connection, Bringer {
  readonly window: number;
  readonly warnings: readonly ConnectionWarning[];
  readonly number: number;
  readonly closed: Promise<SendFailure>;
  readonly #wire: MemoryWire;
  /** Every send without an outcome, the travelling ones included. */
  readonly #flights = new Set<Flight>();
  readonly #travelling: Flight[] = [];
  readonly #end = new AbortController();
  #resolveClosed: (failure: SendFailure) => void = () => {};
  #asleep = false;

  /** Opens the connection. */
  constructor(wire: MemoryWire) {
    this.#wire = wire;
    this.window = wire.window;
    this.warnings = wire.warnings;
    this.number = wire.number;
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
  }

  get ended(): boolean {
    return this.#end.signal.aborted;
  }

  /** How many sends have no outcome yet. */
  get inFlight(): number {
    return this.#flights.size;
  }

  send(message: Message, terms: SendTerms = {}): Promise<Outcome> {
    const { broker, clock, arriveMs } = this.#wire;
    if (!this.ended && this.#flights.size >= this.window) {
      broker.overruns++;
      this.end(OVERRUN);
    }
    if (this.ended) return Promise.resolve({ kind: "unavailable" });
    return new Promise((resolve) => {
      const dueMs = clock.monotonicMs() + delayOf(arriveMs, message);
      const flight = { message, terms, dueMs, resolve };
      this.#flights.add(flight);
      this.#travelling.push(flight);
      this.arriveDue();
    });
  }

  close(): Promise<void> {
    this.end(CLOSED);
    return Promise.resolve();
  }

  /** Ends the connection: what travels is lost, what is pending becomes `unknown`. */
  end(failure: SendFailure): void {
    if (this.ended) return;
    this.#end.abort(failure);
    for (const { resolve } of this.#flights) resolve({ kind: "unknown" });
    this.#flights.clear();
    this.#resolveClosed(failure);
  }

  /** Lets everything arrive that travels, due or not; the answers are lost. */
  arriveUnanswered(): void {
    for (const flight of this.#travelling.splice(0)) {
      if (!this.ended) this.#wire.broker.take(flight, this);
    }
  }

  /** Lets what is due arrive, in order, and sees to the rest later. */
  arriveDue(): void {
    const { broker, clock } = this.#wire;
    while (!this.ended && broker.hangsAt !== "arrival") {
      const next = this.#travelling[0];
      if (next === undefined) return;
      const restMs = next.dueMs - clock.monotonicMs();
      if (restMs > 0) return void this.#arriveLater(restMs);
      this.#arrive();
    }
  }

  async #arriveLater(restMs: number): Promise<void> {
    if (this.#asleep) return;
    this.#asleep = true;
    await this.#wire.clock.sleep(restMs, this.#end.signal);
    this.#asleep = false;
    this.arriveDue();
  }

  #arrive(): void {
    const flight = this.#travelling.shift();
    if (flight === undefined) return;
    const outcome = this.#wire.broker.take(flight, this);
    if (outcome !== null) void this.#answer(flight, outcome);
  }

  async #answer(flight: Flight, outcome: Outcome): Promise<void> {
    const { broker, clock, acknowledgeMs } = this.#wire;
    const delayMs = delayOf(acknowledgeMs, flight.message);
    if (delayMs > 0) await clock.sleep(delayMs, this.#end.signal);
    broker.offer(() => {
      if (!this.#flights.delete(flight)) return false;
      flight.resolve(outcome);
      return true;
    });
  }
}

function delayOf(delay: Delay, message: Message): number {
  return typeof delay === "number" ? delay : delay(message);
}
