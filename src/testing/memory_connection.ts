/**
 * One connection of a memory transport: a wire that keeps the order, and sends
 * that wait for their acknowledgement.
 *
 * @module
 */

import type {
  Clock,
  Connection,
  Message,
  Outcome,
  SendFailure,
} from "../../mod.ts";

/** What a connection needs from its broker. */
export interface MemoryWire {
  /** Its number. */
  readonly number: number;
  /** Where delays come from. */
  readonly clock: Clock;
  /** How many messages may be unacknowledged. */
  readonly window: number;
  /** How long a message travels, in ms. */
  readonly arriveMs: (message: Message) => number;
  /** How long its acknowledgement takes, in ms. */
  readonly acknowledgeMs: (message: Message) => number;
  /** Whether the wire stands still. */
  readonly hangs: () => boolean;
  /** Hands a message to the broker; `null` is an answer that never comes. */
  readonly take: (message: Message) => Outcome | null;
  /** Lets the broker choose when to acknowledge. */
  readonly offer: (acknowledge: () => boolean) => void;
  /** Tells that the window was exceeded. */
  readonly overrun: () => void;
  /** Tells that the connection has ended. */
  readonly ended: () => void;
}

/** A send without an outcome. */
interface Flight {
  readonly message: Message;
  readonly dueMs: number;
  readonly resolve: (outcome: Outcome) => void;
}

const CLOSED: SendFailure = { code: "CLOSED", reason: "Closed by this side" };
const OVERRUN: SendFailure = {
  code: "WINDOW_EXCEEDED",
  reason: "More messages were sent than the window allows",
};

/** A connection; the broker keeps it until it ends. */
export class MemoryConnection implements Connection {
  readonly window: number;
  readonly number: number;
  readonly closed: Promise<SendFailure>;
  readonly #wire: MemoryWire;
  readonly #flights = new Set<Flight>();
  readonly #travelling: Flight[] = [];
  readonly #end = new AbortController();
  readonly #resolveClosed: (failure: SendFailure) => void;
  #asleep = false;

  /** Opens the connection. */
  constructor(wire: MemoryWire) {
    this.#wire = wire;
    this.window = wire.window;
    this.number = wire.number;
    let resolveClosed: (failure: SendFailure) => void = () => {};
    this.closed = new Promise((resolve) => resolveClosed = resolve);
    this.#resolveClosed = resolveClosed;
  }

  get ended(): boolean {
    return this.#end.signal.aborted;
  }

  get inFlight(): number {
    return this.#flights.size;
  }

  send(message: Message): Promise<Outcome> {
    if (!this.ended && this.#flights.size >= this.window) {
      this.#wire.overrun();
      this.end(OVERRUN);
    }
    if (this.ended) return Promise.resolve({ kind: "unavailable" });
    return new Promise((resolve) => {
      const dueMs = this.#wire.clock.monotonicMs() +
        this.#wire.arriveMs(message);
      const flight = { message, dueMs, resolve };
      this.#flights.add(flight);
      this.#travelling.push(flight);
      this.arriveDue();
    });
  }

  close(): Promise<void> {
    this.end(CLOSED);
    return Promise.resolve();
  }

  /** Ends the connection; pending sends become `unknown`. */
  end(failure: SendFailure): void {
    if (this.ended) return;
    this.#end.abort();
    this.#travelling.length = 0;
    for (const { resolve } of this.#flights) resolve({ kind: "unknown" });
    this.#flights.clear();
    this.#wire.ended();
    this.#resolveClosed(failure);
  }

  /** Lets everything arrive that is on the wire, due or not. */
  arriveAll(): void {
    while (!this.ended && this.#travelling.length > 0) this.#arrive();
  }

  /** Lets what is due arrive, in order, and waits for the rest. */
  arriveDue(): void {
    const { clock, hangs } = this.#wire;
    while (!this.ended && !hangs()) {
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
    const outcome = this.#wire.take(flight.message);
    if (outcome !== null) void this.#answer(flight, outcome);
  }

  async #answer(flight: Flight, outcome: Outcome): Promise<void> {
    const { clock, acknowledgeMs, offer } = this.#wire;
    const delayMs = acknowledgeMs(flight.message);
    if (delayMs > 0) await clock.sleep(delayMs, this.#end.signal);
    offer(() => {
      if (!this.#flights.delete(flight)) return false;
      flight.resolve(outcome);
      return true;
    });
  }
}
