/**
 * The link: keeps one connection to the broker, with back-off in between.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { MailboatError, reasonOf, TransportError } from "./errors.ts";
import { endedWithin, unlessAborted } from "./deadline.ts";
import { fullJitter } from "./logic/retry.ts";
import { quotedFailure } from "./logic/send_failure.ts";
import type { LinkEvent } from "./observe.ts";
import type { Random } from "./random.ts";
import type {
  Connection,
  ConnectRequest,
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
  | { readonly kind: "connected"; readonly window: number }
  /** The last try failed, or the connection was lost; tries again later. */
  | {
    readonly kind: "waiting";
    readonly code: string;
    readonly reason: string;
    /** Tries since the broker last took a message. */
    readonly tries: number;
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
}

/** How long a connection may take to close. */
const CLOSE_MS = 1_000;

/** Opens connections, one at a time. */
export class Link<L extends Line = Connection> {
  readonly #options: LinkOptions<L>;
  #state: LinkState = { kind: "offline" };
  #connection: L | null = null;
  #attempt: AbortController | null = null;
  #opening: Promise<void> = Promise.resolve();
  #tries = 0;
  #retryAtMs = -Infinity;

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
    return this.#state.kind === "connected" ? this.#state.window : 0;
  }

  /** What the link is doing. */
  get state(): LinkState {
    return this.#state;
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

  /** The broker took a message: the next loss starts with a short wait. */
  proven(): void {
    this.#tries = 0;
  }

  /** Ends the connection and counts it as a failure. */
  async fail(failure: SendFailure): Promise<void> {
    const connection = this.#connection;
    if (connection === null) return;
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
    this.#tries = 0;
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
    this.#connection = connection;
    const window = Math.max(1, Math.floor(connection.window) || 1);
    this.#state = { kind: "connected", window };
    this.#options.observe({
      type: "transport.connected",
      transport: this.#options.transport.name,
      window,
    });
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
    const retryInMs = this.#backOff(code, reason);
    this.#options.observe({
      type: "transport.unavailable",
      transport: this.#options.transport.name,
      code,
      reason,
      retryInMs,
    });
  }

  #lost(connection: L, failure: SendFailure): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    this.#backOff(failure.code, failure.reason);
    this.#options.onLost(connection, failure);
    this.#options.onChange();
  }

  #backOff(code: string, reason: string): number {
    const { clock, random, reconnectBaseMs, reconnectCapMs } = this.#options;
    this.#tries += 1;
    const waitMs = fullJitter({
      attempts: this.#tries,
      baseMs: reconnectBaseMs,
      capMs: reconnectCapMs,
      random: random.fraction(),
    });
    this.#retryAtMs = clock.monotonicMs() + waitMs;
    this.#state = { kind: "waiting", code, reason, tries: this.#tries };
    return waitMs;
  }
}
