/**
 * The bench on which a transport is tried: a harness, the connections opened
 * on it, and a limit to every wait.
 *
 * @module
 */

import {
  type Connection,
  type Message,
  type Outcome,
  systemClock,
} from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import type {
  CreateTransportHarness,
  TransportHarness,
} from "./transport_harness.ts";

/** A case that is given a bench of its own. */
export interface TransportCase {
  /** The behaviour. */
  readonly name: string;
  /** Tries it. */
  readonly run: (bench: TransportBench) => Promise<void>;
}

/** Gives a case its bench, and clears it away. */
export async function onTransportBench(
  create: CreateTransportHarness,
  patienceMs: number,
  { run }: TransportCase,
): Promise<void> {
  const bench = new TransportBench(await create(), patienceMs);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}

/** Enough for what is ready to happen, on the way to a broker on this machine too. */
const TURNS = 100;
const POLL_MS = 2;

/** A harness, and the connections opened on it. */
export class TransportBench {
  /** What is around the transport. */
  readonly harness: TransportHarness;
  readonly #patienceMs: number;
  readonly #clock = systemClock();
  readonly #connections: Connection[] = [];
  #serial = 0;

  /** Takes over a harness; nothing is waited for longer than `patienceMs`. */
  constructor(harness: TransportHarness, patienceMs: number) {
    this.harness = harness;
    this.#patienceMs = patienceMs;
  }

  /** Opens a connection, closed at the end. */
  async connect(identity: string = "outbox"): Promise<Connection> {
    const connection = await this.within(
      this.harness.transport.connect({ identity, signal: never() }),
      "a connection to a broker that listens",
    );
    this.#connections.push(connection);
    return connection;
  }

  /** A message with unremarkable fields, but for those given. */
  message(given: Partial<Message> = {}): Message {
    const seq = ++this.#serial;
    return {
      seq,
      id: `message-${seq}`,
      event: "meter.read",
      topic: "conformance/m-1",
      key: "m-1",
      payload: new TextEncoder().encode(`{"kwh":${seq}}`),
      contentType: "application/json",
      headers: {},
      responseTopic: null,
      correlationData: null,
      qos: 1,
      retain: false,
      onDead: null,
      enqueuedAtMs: 1_700_000_000_000,
      ttlMs: null,
      position: null,
      ...given,
    };
  }

  /** Sends messages in order, as many at a time as the window allows. */
  async sendAll(
    connection: Connection,
    messages: readonly Message[],
  ): Promise<Outcome["kind"][]> {
    const outcomes: Promise<Outcome>[] = [];
    for (const [at, message] of messages.entries()) {
      const oldest = outcomes[at - connection.window];
      if (oldest !== undefined) await this.within(oldest, "an outcome");
      outcomes.push(connection.send(message));
    }
    const all = this.within(Promise.all(outcomes), "the outcomes of all sends");
    return (await all).map(({ kind }) => kind);
  }

  /** Fills the window of a connection with messages that stay pending. */
  async pend(connection: Connection): Promise<Pending> {
    const count = Math.min(connection.window, 5);
    const messages = Array.from({ length: count }, () => this.message());
    const sofar: (Outcome["kind"] | null)[] = messages.map(() => null);
    const sends = messages.map((message, at) =>
      connection.send(message).then(({ kind }) => sofar[at] = kind)
    );
    await this.breathe();
    checkEqual(
      sofar,
      messages.map(() => null),
      "a send has no outcome before the broker acknowledged it",
    );
    return {
      messages,
      outcomes: () =>
        this.within(Promise.all(sends), "the outcome of every pending send"),
    };
  }

  /** Sends a message on a connection of its own, and waits for its arrival. */
  async mark(): Promise<void> {
    const connection = await this.connect("marker");
    const marker = this.message();
    checkEqual(
      await this.sendAll(connection, [marker]),
      ["delivered"],
      "a later connection delivers",
    );
    await this.arrival([marker]);
  }

  /** Waits until messages have arrived. */
  arrival(messages: readonly Message[]): Promise<void> {
    return this.#until(
      () => messages.every(({ id }) => this.timesReceived(id) > 0),
      "what was delivered has reached the broker",
    );
  }

  /** How often a message has reached the broker. */
  timesReceived(id: string): number {
    return this.harness.received().filter((one) => one.id === id).length;
  }

  /** Lets everything happen that needs no time. */
  async breathe(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await this.#clock.turn();
  }

  /** The value of a promise, which must not take for ever. */
  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    const done = new AbortController();
    const late = this.#clock.sleep(this.#patienceMs, done.signal)
      .then(() => check(done.signal.aborted, `${what} comes in time`));
    try {
      return await Promise.race([promise, late as Promise<never>]);
    } finally {
      done.abort();
    }
  }

  /** Closes everything. */
  async close(): Promise<void> {
    for (const connection of this.#connections) {
      await this.within(connection.close(), "close()").catch(() => {});
    }
    await this.harness.close();
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadlineMs = this.#clock.monotonicMs() + this.#patienceMs;
    while (!condition()) {
      check(this.#clock.monotonicMs() < deadlineMs, `${what} in time`);
      await this.#clock.sleep(POLL_MS);
    }
  }
}

/** Messages without an outcome. */
export interface Pending {
  /** The messages. */
  readonly messages: readonly Message[];
  /** Waits for what becomes of them. */
  outcomes(): Promise<Outcome["kind"][]>;
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}
