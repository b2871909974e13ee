/**
 * Relays on the storage under test: the real relay, a broker in memory, and a
 * clock that moves only while no call to the database is under way.
 *
 * @module
 */

import {
  createRelay,
  type Relay,
  type RelayOptions,
  systemClock,
} from "../../../mod.ts";
import {
  createMemoryTransport,
  type MemoryTransport,
} from "../memory_transport.ts";
import type { Answer } from "../memory_broker.ts";
import type { HistoryMessage } from "../history.ts";
import { isFlawless, judgeHistory } from "../judge_history.ts";
import { createSeededRandom } from "../seeded_random.ts";
import { createVirtualClock, type VirtualClock } from "../virtual_clock.ts";
import { check } from "./checks.ts";
import type { StorageBench } from "./storage_bench.ts";
import { StoppableProcess, type StopPoint } from "./stoppable_process.ts";

/** The lease of every relay here, in ms. */
export const LEASE_MS = 3_000;
/** How many messages the broker lets be on their way. */
export const WINDOW = 4;

const OPTIONS: Partial<RelayOptions> = {
  leaseMs: LEASE_MS,
  sendTimeoutMs: 1_000,
  reconnectCapMs: 1_000,
};

/** More macrotasks in a row without a call than a relay takes between two. */
const CALM_TURNS = 12;
const MAX_MS = 600_000;

/** A relay in a process of its own. */
export interface RunningRelay {
  /** The relay. */
  readonly relay: Relay;
  /** The process. */
  readonly process: StoppableProcess;
}

/** A broker and a clock for the relays on one storage. */
export class RelayBench {
  /** Time. */
  readonly clock: VirtualClock = createVirtualClock();
  /** The broker. */
  readonly broker: MemoryTransport;
  readonly #bench: StorageBench;
  readonly #machine = systemClock();
  readonly #running: RunningRelay[] = [];
  readonly #errors: unknown[] = [];
  readonly #positions = new Map<string, number>();
  readonly #committed: string[] = [];

  /** Creates a broker that answers by the rule. */
  constructor(bench: StorageBench, answer?: Answer) {
    this.#bench = bench;
    this.broker = createMemoryTransport({
      clock: this.clock,
      window: WINDOW,
      acknowledgeMs: 20,
      ...(answer === undefined ? {} : { answer }),
    });
  }

  /** Commits one message for each key, in one transaction. */
  async publish(...keys: readonly string[]): Promise<void> {
    const messages = keys.map((key) => {
      const position = (this.#positions.get(key) ?? 0) + 1;
      this.#positions.set(key, position);
      return this.#bench.message({ id: `${key}:${position}`, key });
    });
    await this.#bench.commit(...messages);
    this.#committed.push(...messages.map(({ id }) => id));
  }

  /** Starts a relay in a process of its own. */
  start(
    given: Partial<RelayOptions> & { readonly stopAt?: StopPoint } = {},
  ): RunningRelay {
    const { stopAt, ...options } = given;
    const process = new StoppableProcess({
      storage: options.storage ?? this.#bench.storage,
      transport: options.transport ?? this.broker,
      clock: this.clock,
      ...(stopAt === undefined ? {} : { stopAt }),
    });
    const relay = createRelay({
      ...OPTIONS,
      random: createSeededRandom(this.#running.length + 1),
      ...options,
      storage: process.storage,
      transport: process.transport,
      clock: process.clock,
    });
    const running = { relay, process };
    this.#running.push(running);
    relay.run().catch((error: unknown) => this.#errors.push(error));
    return running;
  }

  /** Lets time pass until the condition holds. */
  async until(
    condition: () => boolean | Promise<boolean>,
    what: string,
  ): Promise<void> {
    const holds = async () => {
      await this.#calm();
      for (const error of this.#errors) throw error;
      return await condition();
    };
    await this.clock.runUntil(holds, { maxMs: MAX_MS })
      .catch((cause: unknown) => {
        throw new Error(`Broken promise: ${what}`, { cause });
      });
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    void this.clock.sleep(ms);
    await this.until(() => this.clock.monotonicMs() >= endMs, "time passes");
  }

  /** Lets time pass until everything was delivered and recorded. */
  async drained(): Promise<void> {
    await this.until(
      () => {
        const seen = new Set(this.seen());
        return this.#committed.every((id) => seen.has(id));
      },
      "every committed message is delivered",
    );
    const store = await this.#bench.open();
    await this.until(
      async () => (await store.survey()).oldest === null,
      "what was delivered is recorded",
    );
  }

  /** What a subscriber saw, as `key:position`. */
  seen(): string[] {
    return this.broker.received.map(({ message }) => message.id);
  }

  /** Nothing lost, nothing invented, in order; at most so many duplicates. */
  checkSeen(maxDuplicates: number): void {
    const verdict = judgeHistory([
      { type: "intended", tx: "all", messages: this.#committed.map(markOf) },
      { type: "committed", tx: "all" },
      { type: "fault", kind: "all", duplicates: maxDuplicates },
      ...this.seen().map((id) =>
        ({ type: "received", ...markOf(id) }) as const
      ),
      { type: "end" },
    ]);
    check(isFlawless(verdict), `what was seen: ${JSON.stringify(verdict)}`);
  }

  /** Stops all relays that are alive. */
  async end(): Promise<void> {
    for (const { relay } of this.#alive()) void relay.stop();
    // One may be killed by its last call.
    await this.until(
      () =>
        this.#alive().every(({ relay }) => relay.status().state === "stopped"),
      "a relay stops",
    );
  }

  /** Closes what the stopped ones left open. */
  async bury(): Promise<void> {
    for (const { process } of this.#running) await process.bury();
  }

  #alive(): RunningRelay[] {
    return this.#running.filter(({ process }) => !process.stopped);
  }

  /** Resolves when no call to the database is under way, nor about to be. */
  async #calm(): Promise<void> {
    for (let calm = 0; calm < CALM_TURNS; calm++) {
      await this.#machine.turn();
      for (const { process } of this.#running) {
        if (process.underWay === 0) continue;
        await process.answered();
        calm = 0;
      }
    }
  }
}

/** What a message named `key:position` is in a history. */
function markOf(id: string): HistoryMessage {
  const [key = "", position] = id.split(":");
  return { id, key, position: Number(position) };
}

/** Runs a scenario, and ends its relays. */
export async function withRelays(
  bench: StorageBench,
  scenario: (relays: RelayBench) => Promise<void>,
  answer?: Answer,
): Promise<void> {
  const relays = new RelayBench(bench, answer);
  try {
    await scenario(relays);
    await relays.end();
  } finally {
    await relays.bury();
  }
}
