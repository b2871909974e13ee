/**
 * The link: keeps one connection to the broker, with back-off in between.
 *
 * @module
 */

import type { Advice } from "./advice.ts";
import type { Clock } from "./clock.ts";
import { MailboatError, reasonOf, TransportError } from "./errors.ts";
import { endedWithin, unlessAborted } from "./deadline.ts";
import { Governor } from "./logic/governor.ts";
import { reconnectWaitMs } from "./logic/reconnect.ts";
import { quotedFailure, soundAdvice } from "./logic/send_failure.ts";
import type { LinkEvent } from "./observe.ts";
import type { Random } from "./random.ts";
import type {
  Connection,
  ConnectionWarning,
  ConnectRequest,
  Outcome,
  SendFailure,
  Transport,
} from "./transport.ts";

/** What a link keeps: a connection to send on, or one to receive on. */
export type Line = Pick<Connection, "window" | "warnings" | "closed" | "close">;

/** What opens it, under the promises of {@link Transport.connect}. */
export interface Dialler<L extends Line> extends Pick<Transport, "name"> {
  connect(request: ConnectRequest): Promise<L>;
}

/** The state of the link; `kind` tells which. */
export type LinkState =
  /** No connection, and none wanted at present. */
  | { readonly kind: "offline" }
  /** A connection is being opened. */
  | { readonly kind: "connecting" }
  /** Messages can be sent. */
  | {
    readonly kind: "connected";
    /** How many may be unacknowledged at present. */
    readonly window: number;
    /** How many the connection allows; more than `window` after it was too much. */
    readonly maxWindow: number;
    readonly warnings: readonly ConnectionWarning[];
  }
  /** The last try failed, or the connection was lost; tries again later. */
  | {
    readonly kind: "waiting";
    readonly code: string;
    readonly reason: string;
    readonly advice: Advice;
    /** Tries since the broker last answered for a message. */
    readonly tries: number;
    /** Those of them that no message can have been the cause of. */
    readonly outages: number;
  };

/** What a link needs. */
export interface LinkOptions<L extends Line = Connection> {
  readonly transport: Dialler<L>;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: (event: LinkEvent) => void;
  /** Called whenever the state changed. */
  readonly onChange: () => void;
  /** Called once when a connection ended that had been open. */
  readonly onLost: (connection: L, failure: SendFailure) => void;
  readonly connectTimeoutMs: number;
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  readonly slowRetryMs: number;
}

/** Kinds of warnings of one connection. */
const MAX_WARNINGS = 20;
/** How long a connection may take to close. */
const CLOSE_MS = 1_000;

/** Opens connections, one at a time. */
export class Link<L extends Line = Connection> {
  readonly #options: LinkOptions<L>;
  #state: LinkState = { kind: "offline" };
  #connection: L | null = null;
  #attempt: AbortController | null = null;
  #opening: Promise<void> = Promise.resolve();
  readonly #governor = new Governor();
  #maxWindow = 1;
  #tries = 0;
  #outages = 0;
  #retryAtMs = -Infinity;
  /** The code of the last failure that was told, with no connection since. */
  #told: string | null = null;

  /** Creates a link that is offline. */
  constructor(options: LinkOptions<L>) {
    this.#options = options;
  }

  /** The open connection, or `null`. */
  get connection(): L | null {
    return this.#connection;
  }

  /** How many messages may be unacknowledged; 0 without a connection. */
  get window(): number {
    return this.#state.kind === "connected"
      ? this.#governor.windowOf(this.#maxWindow)
      : 0;
  }

  /** What the link is doing. */
  get state(): LinkState {
    if (this.#state.kind !== "connected") return this.#state;
    return { ...this.#state, window: this.window };
  }

  /** When the next try is due (monotonic ms). */
  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  /** Whether a try to connect is due: none is under way, and the back-off is over. */
  get isDue(): boolean {
    return this.#connection === null && this.#attempt === null &&
      this.#options.clock.monotonicMs() >= this.#retryAtMs;
  }

  /** Starts to connect unless that is under way, done, or not yet due. */
  connect(identity: string): void {
    if (!this.isDue) return;
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#state = { kind: "connecting" };
    this.#opening = this.#open(identity, attempt);
  }

  /** The broker answered for a message: the next loss starts with a short wait. */
  answered(outcome: Outcome): void {
    this.#tries = this.#outages = 0;
    if (outcome.kind === "delivered") this.#governor.delivered(this.#maxWindow);
    const isTooMuch = "failure" in outcome &&
      outcome.failure?.advice === "limit";
    if (isTooMuch) this.#governor.cut(this.#maxWindow);
    // Missing rights, a quota: nothing is lost, but people must act.
    if (outcome.kind === "deferred") this.#warn(outcome.failure);
  }

  /** The network is back, somebody says: tries at once, whatever it waits for. */
  online(): void {
    if (this.#state.kind !== "waiting") return;
    this.#retryAtMs = -Infinity;
    this.#options.onChange();
  }

  /** Ends the connection and counts it as a failure. */
  async fail(failure: SendFailure): Promise<void> {
    const connection = this.#connection;
    // It may have ended by itself, and be about to say why.
    await this.#options.clock.turn();
    if (connection === null || this.#connection !== connection) return;
    this.#lost(connection, failure);
    await this.#ended(connection);
  }

  /** Ends the connection or the try; nothing is sent on it any more. */
  async close(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = null;
    attempt?.abort();
    const connection = this.#connection;
    this.#connection = null;
    this.#state = { kind: "offline" };
    this.#tries = this.#outages = 0;
    this.#retryAtMs = -Infinity;
    if (connection !== null) await this.#ended(connection);
    await this.#opening;
  }

  /** An adapter that does not close in time is not waited for. */
  #ended(connection: L): Promise<void> {
    const closing = Promise.resolve().then(() => connection.close());
    return endedWithin(this.#options.clock, CLOSE_MS, closing);
  }

  async #open(identity: string, attempt: AbortController): Promise<void> {
    const { transport, clock, onChange, connectTimeoutMs } = this.#options;
    const deadline = new AbortController();
    void clock.sleep(connectTimeoutMs, deadline.signal).then(() => {
      if (!deadline.signal.aborted) attempt.abort();
    });
    const { signal } = attempt;
    try {
      const connecting = transport.connect({ identity, signal });
      connecting.then((connection) => {
        if (signal.aborted) void this.#ended(connection);
      }, () => {});
      this.#opened(
        await unlessAborted(signal, connecting, () =>
          new TransportError(
            "TRANSPORT_UNAVAILABLE",
            `Cannot connect to ${transport.name}: no answer in ${connectTimeoutMs} ms`,
          )),
      );
    } catch (error) {
      if (this.#attempt === attempt) this.#refused(error);
    } finally {
      deadline.abort("The try has ended");
      if (this.#attempt === attempt) this.#attempt = null;
      onChange();
    }
  }

  #opened(connection: L): void {
    const { observe, transport: { name: transport } } = this.#options;
    this.#connection = connection;
    this.#told = null;
    this.#maxWindow = Math.max(1, Math.floor(connection.window) || 1);
    this.#governor.opened();
    const { warnings = [] } = connection;
    const maxWindow = this.#maxWindow;
    const window = this.#governor.windowOf(maxWindow);
    this.#state = { kind: "connected", window, maxWindow, warnings: [] };
    observe({ type: "transport.connected", transport, window });
    for (const warning of warnings) this.#warn(warning);
    connection.closed.then(
      (failure) => this.#lost(connection, quotedFailure(failure)),
      (error) =>
        this.#lost(connection, { code: "CLOSED", reason: reasonOf(error) }),
    );
  }

  #refused(error: unknown): void {
    const code = error instanceof MailboatError
      ? error.code
      : "TRANSPORT_UNAVAILABLE";
    const reason = reasonOf(error);
    const advice = soundAdvice((error as { advice?: unknown } | null)?.advice);
    const retryInMs = this.#backOff({ code, reason, advice });
    if (this.#told === code) return;
    this.#told = code;
    this.#options.observe({
      type: "transport.unavailable",
      transport: this.#options.transport.name,
      code,
      reason,
      advice,
      retryInMs,
    });
  }

  /** Tells what people should know about the connection: once for each code. */
  #warn(given: ConnectionWarning): void {
    const state = this.#state;
    if (state.kind !== "connected") return;
    const { warnings } = state;
    const { code, reason } = quotedFailure(given);
    const isTold = warnings.some((earlier) => earlier.code === code);
    if (isTold || warnings.length >= MAX_WARNINGS) return;
    const warning = { code, reason };
    this.#state = { ...state, warnings: [...warnings, warning] };
    const { observe, transport } = this.#options;
    observe({
      type: "transport.warning",
      transport: transport.name,
      warning,
    });
  }

  #lost(connection: L, failure: SendFailure): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#backOff(failure);
    this.#options.onLost(connection, failure);
    this.#options.onChange();
  }

  #backOff({ code, reason, advice = "soon" }: SendFailure): number {
    const { clock, random, reconnectBaseMs, reconnectCapMs, slowRetryMs } =
      this.#options;
    if (advice === "limit") this.#governor.cut(this.#maxWindow);
    this.#tries += 1;
    if (advice !== "suspect" && advice !== "silent") this.#outages += 1;
    const [tries, outages] = [this.#tries, this.#outages];
    const waitMs = reconnectWaitMs({
      advice,
      tries,
      baseMs: reconnectBaseMs,
      capMs: reconnectCapMs,
      slowMs: slowRetryMs,
      random: random.fraction(),
    });
    this.#retryAtMs = clock.monotonicMs() + waitMs;
    this.#state = { kind: "waiting", code, reason, advice, tries, outages };
    return waitMs;
  }
}
