/**
 * The transport contract in memory, with a broker behind it that misbehaves to
 * order: it goes away, hangs, cuts connections, loses messages or
 * acknowledgements, refuses.
 *
 * @module
 */

import {
  type Clock,
  type Connection,
  type ConnectRequest,
  type Message,
  type Outcome,
  type SendFailure,
  type Transport,
  TransportError,
} from "../../mod.ts";
import { MemoryConnection } from "./memory_connection.ts";
import { copyOf } from "./memory_database.ts";

/** A message that reached the broker. */
export interface Arrival {
  /** Which connection brought it: 1 for the first that was opened. */
  readonly connection: number;
  /** When, on the monotonic clock. */
  readonly atMs: number;
  /** How often a message with this id has arrived, this time included. */
  readonly attempt: number;
  /** A copy of the message. */
  readonly message: Message;
  /** What the broker answers. */
  readonly outcome: Outcome;
}

/**
 * What the broker answers to the `attempt`th arrival of a message.
 *
 * `unknown` is a lost acknowledgement: the broker takes the message, and the
 * send stays pending until its connection ends. `unavailable` is a message that
 * never left.
 */
export type Answer = (message: Message, attempt: number) => Outcome;

/** How long something takes, in ms: always the same, or per message. */
export type Delay = number | ((message: Message) => number);

/** Where the broker hangs: the rest of the way is not gone until released. */
export type HangPoint = "connect" | "arrival" | "acknowledgement";

/** What becomes of messages that have not arrived when their connection ends. */
export type OnTheWire = "lost" | "received";

/** How a memory transport behaves. */
export interface MemoryTransportOptions {
  /** Where delays and the time of arrival come from. */
  readonly clock: Clock;
  /** @default "memory" */
  readonly name?: string;
  /** How many messages may be unacknowledged at a time. @default 16 */
  readonly window?: number;
  /** How long connecting takes, in ms. @default 0 */
  readonly connectMs?: number;
  /** How long a message travels; messages never overtake each other. @default 0 */
  readonly arriveMs?: Delay;
  /** How long an acknowledgement takes; those that take less overtake. @default 0 */
  readonly acknowledgeMs?: Delay;
  /** What the broker answers. @default delivered, always */
  readonly answer?: Answer;
}

/** A {@link Transport} whose broker does what the test says. */
export interface MemoryTransport extends Transport {
  /** What the broker took, in order of arrival: what a subscriber saw. Only grows. */
  readonly received: readonly Arrival[];
  /** What the broker refused, in order of arrival. Only grows. */
  readonly refused: readonly Arrival[];
  /** How many connections were opened so far. */
  readonly connections: number;
  /** How many messages are sent and have no outcome yet. */
  readonly inFlight: number;
  /** How often a send exceeded the window; the connection then ends. */
  readonly overruns: number;
  /** Cuts every connection and fails every attempt to connect with this code. */
  down(code?: "TRANSPORT_UNAVAILABLE" | "TRANSPORT_REFUSED"): void;
  /** Accepts connections again. */
  up(): void;
  /** Ends every connection; acknowledgements not given are lost. */
  cut(
    options?: {
      readonly onTheWire?: OnTheWire;
      readonly failure?: SendFailure;
    },
  ): void;
  /** Hangs from now on, at `acknowledgement` unless told otherwise. */
  hang(at?: HangPoint): void;
  /** Goes on, with what waited first, in order. */
  release(): void;
  /**
   * While hanging at `acknowledgement`: acknowledges the `count` messages that
   * wait longest (default 1); returns how many there were.
   */
  acknowledge(count?: number): number;
}

const CUT: SendFailure = { code: "CUT", reason: "The connection was cut" };
const REPLACED: SendFailure = {
  code: "REPLACED",
  reason: "Another connection has the same identity",
};
const DELIVERED: Outcome = { kind: "delivered" };

/**
 * Creates a transport and its broker, which is up.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const transport = createMemoryTransport({ clock, acknowledgeMs: 20 });
 * transport.hang();
 * // … the relay sends, and waits
 * transport.cut();
 * transport.received.map(({ message }) => message.seq);
 * ```
 */
export function createMemoryTransport(
  options: MemoryTransportOptions,
): MemoryTransport {
  return new MemoryBroker(options);
}

class MemoryBroker implements MemoryTransport {
  readonly name: string;
  readonly received: Arrival[] = [];
  readonly refused: Arrival[] = [];
  connections = 0;
  overruns = 0;
  readonly #options: MemoryTransportOptions;
  readonly #attempts = new Map<string, number>();
  readonly #live = new Map<string, MemoryConnection>();
  readonly #callers = new Set<() => void>();
  #unacknowledged: (() => boolean)[] = [];
  #down: "TRANSPORT_UNAVAILABLE" | "TRANSPORT_REFUSED" | null = null;
  #hangsAt: HangPoint | null = null;

  constructor(options: MemoryTransportOptions) {
    this.name = options.name ?? "memory";
    this.#options = options;
  }

  get inFlight(): number {
    let count = 0;
    for (const connection of this.#live.values()) count += connection.inFlight;
    return count;
  }

  async connect({ identity, signal }: ConnectRequest): Promise<Connection> {
    const { clock, connectMs = 0, window = 16 } = this.#options;
    if (connectMs > 0) await clock.sleep(connectMs, signal);
    while (this.#hangsAt === "connect" && !this.#down && !signal.aborted) {
      await this.#change(signal);
    }
    if (signal.aborted) {
      throw this.#unconnected("the attempt was given up", signal.reason);
    }
    if (this.#down !== null) throw this.#unconnected("the broker is down");
    this.#live.get(identity)?.end(REPLACED);
    const connection = new MemoryConnection({
      clock,
      window,
      arriveMs: perMessage(this.#options.arriveMs),
      acknowledgeMs: perMessage(this.#options.acknowledgeMs),
      number: ++this.connections,
      hangs: () => this.#hangsAt === "arrival",
      take: (message) => this.#take(connection, message),
      offer: (acknowledge) => this.#offer(acknowledge),
      overrun: () => void this.overruns++,
      ended: () => {
        if (this.#live.get(identity) === connection) {
          this.#live.delete(identity);
        }
      },
    });
    this.#live.set(identity, connection);
    return connection;
  }

  down(
    code: "TRANSPORT_UNAVAILABLE" | "TRANSPORT_REFUSED" =
      "TRANSPORT_UNAVAILABLE",
  ): void {
    this.#down = code;
    this.cut();
    this.#wakeCallers();
  }

  up(): void {
    this.#down = null;
  }

  cut(
    options: {
      readonly onTheWire?: OnTheWire;
      readonly failure?: SendFailure;
    } = {},
  ): void {
    const { onTheWire = "lost", failure = CUT } = options;
    for (const connection of [...this.#live.values()]) {
      if (onTheWire === "received") connection.arriveAll();
      connection.end(failure);
    }
  }

  hang(at: HangPoint = "acknowledgement"): void {
    this.#hangsAt = at;
  }

  release(): void {
    this.#hangsAt = null;
    this.acknowledge(Infinity);
    for (const connection of this.#live.values()) connection.arriveDue();
    this.#wakeCallers();
  }

  acknowledge(count: number = 1): number {
    let acknowledged = 0;
    while (acknowledged < count) {
      const next = this.#unacknowledged.shift();
      if (next === undefined) break;
      if (next()) acknowledged++;
    }
    return acknowledged;
  }

  #take(connection: MemoryConnection, message: Message): Outcome | null {
    const attempt = (this.#attempts.get(message.id) ?? 0) + 1;
    const { answer, clock } = this.#options;
    const outcome = answer?.(copyOf(message), attempt) ?? DELIVERED;
    if (connection.ended) return null;
    if (outcome.kind === "unavailable") return outcome;
    this.#attempts.set(message.id, attempt);
    const taken = outcome.kind === "delivered" || outcome.kind === "unknown";
    (taken ? this.received : this.refused).push({
      connection: connection.number,
      atMs: clock.monotonicMs(),
      attempt,
      message: copyOf(message),
      outcome,
    });
    return outcome.kind === "unknown" ? null : outcome;
  }

  #offer(acknowledge: () => boolean): void {
    if (this.#hangsAt === "acknowledgement") {
      this.#unacknowledged.push(acknowledge);
    } else acknowledge();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#callers.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#callers.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  #wakeCallers(): void {
    for (const wake of [...this.#callers]) wake();
  }

  #unconnected(why: string, cause?: unknown): TransportError {
    return new TransportError(
      this.#down ?? "TRANSPORT_UNAVAILABLE",
      `Cannot connect to ${this.name} as ${why}`,
      cause,
    );
  }
}

function perMessage(delay: Delay = 0): (message: Message) => number {
  return typeof delay === "number" ? () => delay : delay;
}
