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
  type Clock,
  createRelay,
  type Relay,
  type RelayEvent,
  type RelayOptions,
  type StorageBase,
  type Store,
  type Transport,
} from "@mailboat/outbox";
import type { SeededRandom } from "@mailboat/outbox/testing";

/** What a process is started with. */
export interface ProcessOptions {
  readonly clock: Clock;
  readonly storage: StorageBase;
  readonly transport: Transport;
  readonly random: SeededRandom;
  readonly relay: Omit<RelayOptions, "storage" | "transport">;
  readonly onEvent: (event: RelayEvent) => void;
}

/** One simulated process. */
export class SimulatedProcess {
  readonly relay: Relay;
  readonly ended: Promise<void>;
  #state: "running" | "paused" | "killed" = "running";
  #waiting: (() => void)[] = [];

  /** Starts the relay at once. */
  constructor(options: ProcessOptions) {
    const { clock, storage, transport, random, relay, onEvent } = options;
    this.relay = createRelay({
      ...relay,
      random,
      clock: this.#gatedClock(clock),
      storage: this.#gatedStorage(storage),
      transport: this.#gatedTransport(transport),
      observe: (event) => {
        if (this.#state !== "killed") onEvent(event);
      },
    });
    this.ended = this.relay.run();
  }

  /** Whether it runs. */
  get isRunning(): boolean {
    return this.#state === "running";
  }

  /** SIGKILL: nothing of it happens any more. */
  kill(): void {
    this.#state = "killed";
    this.#waiting = [];
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state === "running") this.#state = "paused";
  }

  /** SIGCONT. */
  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Passes a value on while the process runs. */
  #gate<T>(value: T): T | Promise<T> {
    if (this.#state === "running") return value;
    return new Promise((resolve) => this.#waiting.push(() => resolve(value)));
  }

  /** The same for a call that may fail. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    await this.#gate(undefined);
    try {
      return await this.#gate(await work());
    } catch (error) {
      await this.#gate(undefined);
      throw error;
    }
  }

  #gatedClock(clock: Clock): Clock {
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#gate(undefined);
      },
      turn: async () => {
        await clock.turn();
        await this.#gate(undefined);
      },
    };
  }

  #gatedStorage(storage: StorageBase): StorageBase {
    return {
      migrate: () => storage.migrate(),
      open: async () => {
        const store = await this.#call(() => storage.open());
        return this.#gatedStore(store);
      },
      ...(storage.watch === undefined ? {} : {
        watch: (onChange: () => void) =>
          storage.watch?.(() => {
            if (this.#state === "running") onChange();
          }) ?? (() => {}),
      }),
    };
  }

  #gatedStore(store: Store): Store {
    return {
      identity: store.identity,
      durability: store.durability,
      survey: () => this.#call(() => store.survey()),
      acquire: (request) => this.#call(() => store.acquire(request)),
      failures: (request) => this.#call(() => store.failures(request)),
      read: (request) => this.#call(() => store.read(request)),
      readLane: (request) => this.#call(() => store.readLane(request)),
      settle: (request) => this.#call(() => store.settle(request)),
      prune: (request) => this.#call(() => store.prune(request)),
      listDead: (request) => this.#call(() => store.listDead(request)),
      retryDead: (filter) => this.#call(() => store.retryDead(filter)),
      discardDead: (filter) => this.#call(() => store.discardDead(filter)),
      close: () => this.#call(() => store.close()),
    };
  }

  #gatedTransport(transport: Transport): Transport {
    return {
      name: transport.name,
      connect: async (request) => {
        const connection = await this.#call(() => transport.connect(request));
        return {
          window: connection.window,
          closed: connection.closed.then((failure) => this.#gate(failure)),
          send: (message) =>
            connection.send(message).then((outcome) => this.#gate(outcome)),
          close: () => this.#call(() => connection.close()),
        };
      },
    };
  }
}
