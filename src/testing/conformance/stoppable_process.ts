/**
 * A process that can be stopped: what a relay sees of its clock, its database
 * and its broker stands still, for a while as after SIGSTOP, or for good as
 * after a crash.
 *
 * @module
 */

import type {
  Clock,
  Connection,
  StorageBase,
  Store,
  Transport,
} from "../../../mod.ts";

/** The calls to the database that a process can stop at. */
type StoreCall = Exclude<
  keyof Store,
  "identity" | "durability" | "boot" | "close"
>;

/** Where a process stops: at its `n`th call, counted from 1. */
export interface StopPoint {
  /** Which call, over all kinds together. */
  readonly n: number;
  /** Before the call has its effect, or after it and before the answer. */
  readonly when: "before" | "after";
}

/** What a process is made of. */
export interface StoppableProcessOptions {
  /** Its database. */
  readonly storage: StorageBase;
  /** Its broker. */
  readonly transport: Transport;
  /** Its time. */
  readonly clock: Clock;
  /** Where it stops by itself, if anywhere. */
  readonly stopAt?: StopPoint;
}

/** The clock, the storage and the transport of one process. */
export class StoppableProcess {
  /** The process's clock. */
  readonly clock: Clock;
  /** The process's storage. */
  readonly storage: StorageBase;
  /** The process's transport. */
  readonly transport: Transport;
  /** How many calls to the database have been made. */
  calls = 0;
  /** How many of them have no answer yet. */
  underWay = 0;
  readonly #stopAt: StopPoint | undefined;
  readonly #stores = new Set<Store>();
  readonly #waiting: (() => void)[] = [];
  readonly #awaitingAnswers: (() => void)[] = [];
  #stopped = false;

  /** Starts it. */
  constructor(options: StoppableProcessOptions) {
    const { clock, storage, transport } = options;
    this.#stopAt = options.stopAt;
    this.clock = {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal).then(() => this.#gate()),
      turn: () => clock.turn().then(() => this.#gate()),
    };
    this.storage = {
      migrate: () => storage.migrate(),
      open: () => this.#call(async () => this.#store(await storage.open())),
    };
    this.transport = {
      name: transport.name,
      connect: async (request) => {
        const connection = await transport.connect(request);
        await this.#gate();
        return this.#connection(connection);
      },
    };
  }

  /** Whether it stands still. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Stops it, wherever it is. */
  stop(): void {
    this.#stopped = true;
  }

  /** Lets it go on as if nothing had happened. */
  resume(): void {
    this.#stopped = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Resolves when every call to the database has its answer. */
  async answered(): Promise<void> {
    while (this.underWay > 0) {
      await new Promise<void>((resolve) => this.#awaitingAnswers.push(resolve));
    }
  }

  /** Closes what a process that never went on has left open. */
  async bury(): Promise<void> {
    for (const store of this.#stores) await store.close();
  }

  #gate(): Promise<void> {
    if (!this.#stopped) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    const here = ++this.calls === this.#stopAt?.n;
    if (here && this.#stopAt.when === "before") this.stop();
    await this.#gate();
    this.underWay++;
    try {
      return await work();
    } finally {
      this.underWay--;
      for (const go of this.#awaitingAnswers.splice(0)) go();
      if (here && this.#stopAt.when === "after") this.stop();
      await this.#gate();
    }
  }

  #store(store: Store): Store {
    this.#stores.add(store);
    const through = <C extends StoreCall>(call: C): Store[C] => {
      const method = store[call] as (request: never) => Promise<unknown>;
      return ((request: never) =>
        this.#call(() => method.call(store, request))) as Store[C];
    };
    return {
      identity: store.identity,
      durability: store.durability,
      boot: store.boot,
      survey: through("survey"),
      acquire: through("acquire"),
      failures: through("failures"),
      read: through("read"),
      readLane: through("readLane"),
      makeDurable: through("makeDurable"),
      settle: through("settle"),
      prune: through("prune"),
      forgetPositions: through("forgetPositions"),
      listDead: through("listDead"),
      listExpired: through("listExpired"),
      retryDead: through("retryDead"),
      discardDead: through("discardDead"),
      close: () => store.close(),
    };
  }

  #connection(connection: Connection): Connection {
    const gated = async <T>(promise: Promise<T>): Promise<T> => {
      const value = await promise;
      await this.#gate();
      return value;
    };
    return {
      window: connection.window,
      closed: gated(connection.closed),
      send: (...sent) => gated(connection.send(...sent)),
      close: () => gated(connection.close()),
    };
  }
}
