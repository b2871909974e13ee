/**
 * A relay in a process that can be paused, resumed and killed at any await.
 *
 * Everything a process sees of the world passes a gate: time, the store and
 * the broker. A paused process gets no answer until it is resumed; a killed
 * one never does.
 *
 * @module
 */

import {
  type Connection,
  createRelay,
  type Message,
  type Outcome,
  type Relay,
  type RelayEvent,
  type RelayOptions,
  type SendTerms,
  type StorageBase,
  StorageError,
  type Store,
  type Transport,
  TransportError,
} from "@mailboat/outbox";
import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Fate, FateOf, Operation } from "./fate.ts";
import { ProcessClock } from "./process_clock.ts";
import type { Timeline } from "./timeline.ts";

/** Who looks over the shoulder of a process. */
export interface Observer {
  /** The relay tells something. */
  told(process: SimulatedProcess, event: RelayEvent): void;
  /** The relay hands a message to a connection; the result is called when it lands. */
  sends(
    process: SimulatedProcess,
    connection: Connection,
    message: Message,
  ): (outcome: Outcome) => void;
  /** The relay asks the store for something. */
  asks(operation: Operation): void;
}

/** What a process is started with. */
export interface ProcessOptions {
  readonly timeline: Timeline;
  /** How fast its monotonic clock goes; 1 is right. */
  readonly rate: number;
  /** What its wall clock shows at the start of the timeline, in ms. */
  readonly wallMs: number;
  readonly storage: StorageBase;
  readonly transport: Transport;
  readonly random: SeededRandom;
  readonly relay: Omit<RelayOptions, "storage" | "transport">;
  readonly fateOf: FateOf;
  /** Whether sending this message is the end of the process. */
  readonly diesOf: (message: Message) => boolean;
  readonly observer: Observer;
  /** Cuts every connection; what travels arrives before. */
  readonly cut: () => void;
}

/** One simulated process. */
export class SimulatedProcess {
  readonly relay: Relay;
  readonly clock: ProcessClock;
  /** Until when it may act, by its own clock and by what it was told (monotonic ms). */
  actsUntilMs = -Infinity;
  /** Whether it was told to stop. */
  isStopping = false;
  /** Whether it ever stood still. */
  wasPaused = false;
  /** Called with what hit it from within an operation. */
  onBlow: (kind: "kill" | "pause") => void = () => {};
  /** Its newest connection. */
  connection: Connection | null = null;
  readonly #options: ProcessOptions;
  #state: "running" | "paused" | "killed" = "running";
  #waiting: (() => void)[] = [];

  /** Sets the process up; nothing runs yet. */
  constructor(options: ProcessOptions) {
    this.#options = options;
    const { relay, random, observer } = options;
    this.clock = new ProcessClock(options, (go) => this.#whenRunning(go));
    this.relay = createRelay({
      ...relay,
      random,
      clock: this.clock,
      storage: this.#gatedStorage(options.storage),
      transport: this.#gatedTransport(options.transport),
      observe: (event) => {
        if (this.#state !== "killed") observer.told(this, event);
      },
    });
  }

  get isRunning(): boolean {
    return this.#state === "running";
  }

  get isKilled(): boolean {
    return this.#state === "killed";
  }

  /** SIGKILL: nothing of it happens any more. */
  kill(): void {
    this.#state = "killed";
    this.#waiting = [];
    this.clock.stop();
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state !== "running") return;
    this.#state = "paused";
    this.wasPaused = true;
  }

  /** SIGCONT. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    for (const go of this.#waiting.splice(0)) go();
  }

  #whenRunning(go: () => void): void {
    if (this.#state === "running") go();
    else if (this.#state === "paused") this.#waiting.push(go);
  }

  /** Resolves while the process runs. */
  #gate(): Promise<void> {
    return new Promise((resolve) => this.#whenRunning(resolve));
  }

  /** Lets an operation meet its fate. */
  async #perform<T>(
    operation: Operation,
    work: () => Promise<T>,
    undo?: (result: T) => unknown,
  ): Promise<T> {
    const { fateOf, observer } = this.#options;
    if (this.#state !== "running") await this.#gate();
    observer.asks(operation);
    const fate = fateOf(operation);
    if (fate === null) return await work();
    await this.#reach(fate, "before");
    if (fate.fault !== undefined && fate.fault !== "after") {
      throw failure(operation, fate.fault);
    }
    const result = await work();
    await this.#reach(fate, "after");
    if (fate.fault === undefined) return result;
    await undo?.(result);
    throw failure(operation, fate.fault);
  }

  async #reach(fate: Fate, at: "before" | "after"): Promise<void> {
    const ms = (at === "before" ? fate.beforeMs : fate.afterMs) ?? 0;
    if (ms > 0) await this.#options.timeline.sleep(ms);
    if (fate.blow?.at === at && this.isRunning) this.onBlow(fate.blow.kind);
    // A killed process leaves what it asked for undone.
    await this.#gate();
  }

  #gatedStorage(storage: StorageBase): StorageBase {
    return {
      migrate: () => storage.migrate(),
      open: () =>
        this.#perform("open", async () => {
          return this.#gatedStore(await storage.open());
        }, (store) => store.close()),
      ...(storage.watch === undefined ? {} : {
        watch: (onChange: () => void) =>
          storage.watch?.(() => {
            if (this.isRunning) onChange();
          }) ?? (() => {}),
      }),
    };
  }

  #gatedStore(store: Store): Store {
    return {
      identity: store.identity,
      durability: store.durability,
      boot: store.boot,
      makeDurable: () =>
        this.#perform("makeDurable", () => store.makeDurable()),
      survey: () => this.#perform("survey", () => store.survey()),
      acquire: async (request) => {
        const askedMs = this.clock.monotonicMs();
        const lease = await this.#perform(
          "acquire",
          () => store.acquire(request),
        );
        if (lease !== null) this.actsUntilMs = askedMs + request.leaseMs;
        return lease;
      },
      failures: (request) =>
        this.#perform("failures", () => store.failures(request)),
      read: (request) => this.#perform("read", () => store.read(request)),
      readLane: (request) =>
        this.#perform("readLane", () => store.readLane(request)),
      settle: async (request) => {
        const askedMs = this.clock.monotonicMs();
        const settlement = await this.#perform(
          "settle",
          () => store.settle(request),
        );
        if (!settlement.inForce) this.actsUntilMs = -Infinity;
        else if (request.then === "renew") {
          this.actsUntilMs = askedMs + (this.#options.relay.leaseMs ?? 0);
        }
        return settlement;
      },
      prune: (request) => this.#perform("prune", () => store.prune(request)),
      forgetPositions: (request) =>
        this.#perform("forgetPositions", () => store.forgetPositions(request)),
      listDead: (request) => store.listDead(request),
      listExpired: (request) => store.listExpired(request),
      retryDead: (filter) => store.retryDead(filter),
      discardDead: (filter) => store.discardDead(filter),
      close: async () => {
        await this.#gate();
        await store.close();
      },
    };
  }

  #gatedTransport(transport: Transport): Transport {
    return {
      name: transport.name,
      ...(transport.ordered === true ? { ordered: true } : {}),
      connect: async (request) => {
        const connection = await this.#perform(
          "connect",
          () => transport.connect(request),
          (connection) => connection.close(),
        );
        this.connection = connection;
        return {
          window: connection.window,
          closed: connection.closed.then(async (failure) => {
            await this.#gate();
            return failure;
          }),
          send: (message, terms) => this.#send(connection, message, terms),
          close: async () => {
            await this.#gate();
            await connection.close();
          },
        };
      },
    };
  }

  async #send(
    connection: Connection,
    message: Message,
    terms?: SendTerms,
  ): Promise<Outcome> {
    const { fateOf, diesOf, observer, cut } = this.#options;
    if (this.#state === "killed") await this.#gate();
    const land = observer.sends(this, connection, message);
    const fate = fateOf("send");
    if (fate?.blow?.at === "before") this.onBlow(fate.blow.kind);
    // Stopped between the last look at its lease and the wire.
    if (this.#state !== "running") await this.#gate();
    if (fate?.fault === "before") await connection.close();
    const landing = connection.send(message, terms);
    if (fate?.fault === "after") cut();
    if (fate?.blow?.at === "after") this.onBlow(fate.blow.kind);
    if (diesOf(message)) this.onBlow("kill");
    const outcome = await landing;
    await this.#gate();
    land(outcome);
    return outcome;
  }
}

function failure(operation: Operation, fault: string): Error {
  const message = `Cannot ${operation} as its fate is to fail: ${fault}`;
  return operation === "connect"
    ? new TransportError("TRANSPORT_UNAVAILABLE", message)
    : new StorageError(
      fault === "busy"
        ? "STORAGE_BUSY"
        : fault === "full"
        ? "STORAGE_FULL"
        : "STORAGE_FAILED",
      message,
    );
}
