/**
 * The transport contract in memory, with a broker behind it that misbehaves to
 * order: it goes away, hangs, cuts connections, loses messages or
 * acknowledgements, refuses.
 *
 * @module
 */

import {
  type Advice,
  type Clock,
  type Connection,
  type ConnectionWarning,
  type ConnectRequest,
  type SendFailure,
  type Transport,
  TransportError,
} from "../../mod.ts";
import {
  checkedNumber,
  readOptions,
  requireMethods,
} from "../logic/options.ts";
import {
  type Answer,
  type Arrival,
  type HangPoint,
  MemoryBroker,
} from "./memory_broker.ts";
import { type Delay, MemoryConnection } from "./memory_connection.ts";

/** What becomes of messages that have not arrived when their connection ends. */
export type OnTheWire = "lost" | "received";

/** How a memory transport behaves. */
export interface MemoryTransportOptions {
  /** Where delays and the time of arrival come from. */
  readonly clock: Clock;
  /**
   * Names the broker.
   *
   * @default {"memory"}
   */
  readonly name?: string;
  /**
   * How many messages may be unacknowledged at a time.
   *
   * @default {16}
   */
  readonly window?: number;
  /**
   * How long connecting takes, in ms.
   *
   * @default {0}
   */
  readonly connectMs?: number;
  /**
   * How long a message travels; messages never overtake each other.
   *
   * @default {0}
   */
  readonly arriveMs?: Delay;
  /**
   * How long an acknowledgement takes; those that take less overtake.
   *
   * @default {0}
   */
  readonly acknowledgeMs?: Delay;
  /**
   * What the broker answers.
   *
   * @default {delivered, always}
   */
  readonly answer?: Answer;
  /**
   * What people should know about every connection.
   *
   * @default {none}
   */
  readonly warnings?: readonly ConnectionWarning[];
}

/** Why nobody can connect: nobody answers, or the broker says no. */
export type DownCode = "TRANSPORT_UNAVAILABLE" | "TRANSPORT_REFUSED";

/** How a connection is cut. */
export interface CutOptions {
  /**
   * What becomes of messages that travel.
   *
   * @default {"lost"}
   */
  readonly onTheWire?: OnTheWire;
  /**
   * The reason that the connection gives.
   *
   * @default {{ code: "CUT", reason: "The connection was cut" }}
   */
  readonly failure?: SendFailure;
}

/** A {@link Transport} whose broker does what the test says. */
export interface MemoryTransport extends Transport {
  /** What the broker took, in order of arrival: what a subscriber saw. Only grows. */
  readonly received: readonly Arrival[];
  /** What the broker refused, or ended the connection at. Only grows. */
  readonly refused: readonly Arrival[];
  /** How many connections were opened so far. */
  readonly connections: number;
  /** How many messages are sent and have no outcome yet. */
  readonly inFlight: number;
  /** How often a send exceeded the window; the connection then ends. */
  readonly overruns: number;
  /** Cuts every connection, and fails every attempt to connect like this. */
  down(code?: DownCode, advice?: Advice): void;
  /** Accepts connections again. */
  up(): void;
  /** Ends every connection; acknowledgements not given are lost. */
  cut(options?: CutOptions): void;
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

/**
 * Creates a transport and its broker, which is up.
 *
 * @throws {InputError} `INVALID_OPTION` when `window` is not a whole number of at least 1.
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
  const action = "create a memory transport";
  return readOptions({ action, options }, (given) => {
    requireMethods({
      action,
      option: "clock",
      value: given.clock,
      methods: ["nowMs", "monotonicMs", "sleep", "turn"],
      required: "a clock",
    });
    return new ScriptedTransport(given);
  });
}

class ScriptedTransport implements MemoryTransport {
  readonly name: string;
  readonly ordered = true;
  connections = 0;
  readonly #broker: MemoryBroker;
  readonly #window: number;
  readonly #options: MemoryTransportOptions;
  readonly #live = new Map<string, MemoryConnection>();
  readonly #callers = new Set<() => void>();
  #down: DownCode | null = null;
  #advice: Advice | undefined;

  constructor(options: MemoryTransportOptions) {
    this.name = options.name ?? "memory";
    this.#options = options;
    this.#broker = new MemoryBroker(options.clock, options.answer);
    this.#window = checkedNumber({
      action: "create a memory transport",
      option: "window",
      value: options.window,
      default: 16,
      min: 1,
    });
  }

  get received(): readonly Arrival[] {
    return this.#broker.received;
  }

  get refused(): readonly Arrival[] {
    return this.#broker.refused;
  }

  get overruns(): number {
    return this.#broker.overruns;
  }

  get inFlight(): number {
    let count = 0;
    for (const connection of this.#live.values()) count += connection.inFlight;
    return count;
  }

  async connect({ identity, signal }: ConnectRequest): Promise<Connection> {
    const { clock, connectMs = 0 } = this.#options;
    if (connectMs > 0) await clock.sleep(connectMs, signal);
    while (this.#answersNobody() && !signal.aborted) {
      await this.#change(signal);
    }
    if (signal.aborted) {
      throw this.#refusal("the attempt was given up", signal.reason);
    }
    if (this.#down !== null) throw this.#refusal("the broker is down");
    this.#live.get(identity)?.end(REPLACED);
    const connection = new MemoryConnection({
      broker: this.#broker,
      clock,
      number: ++this.connections,
      window: this.#window,
      warnings: this.#options.warnings ?? [],
      arriveMs: this.#options.arriveMs ?? 0,
      acknowledgeMs: this.#options.acknowledgeMs ?? 0,
    });
    this.#live.set(identity, connection);
    return connection;
  }

  down(code: DownCode = "TRANSPORT_UNAVAILABLE", advice?: Advice): void {
    this.#down = code;
    this.#advice = advice;
    this.cut();
    this.#wakeCallers();
  }

  up(): void {
    this.#down = null;
    this.#advice = undefined;
  }

  cut({ onTheWire = "lost", failure = CUT }: CutOptions = {}): void {
    for (const connection of this.#live.values()) {
      if (onTheWire === "received") connection.arriveUnanswered();
      connection.end(failure);
    }
  }

  hang(at: HangPoint = "acknowledgement"): void {
    this.#broker.hangsAt = at;
  }

  release(): void {
    this.#broker.hangsAt = null;
    this.#broker.acknowledge(Infinity);
    for (const connection of this.#live.values()) connection.arriveDue();
    this.#wakeCallers();
  }

  acknowledge(count: number = 1): number {
    return this.#broker.acknowledge(count);
  }

  #answersNobody(): boolean {
    return this.#broker.hangsAt === "connect" && this.#down === null;
  }

  /** Resolves when the broker behaves differently, or the caller gives up. */
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
    for (const wake of this.#callers) wake();
  }

  #refusal(why: string, cause?: unknown): TransportError {
    return new TransportError(
      this.#down ?? "TRANSPORT_UNAVAILABLE",
      `Cannot connect to ${this.name} as ${why}`,
      cause,
      this.#advice,
    );
  }
}
