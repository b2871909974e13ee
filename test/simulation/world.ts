/**
 * The world of one seed: writers, relays, a store, a broker, an operator, and
 * everything that goes wrong between them.
 *
 * Two phases: chaos, then all faults end and everything must drain.
 *
 * @module
 */

import {
  exponentialRetry,
  type Message,
  type Outcome,
  type StorageBase,
  type Store,
} from "@mailboat/outbox";
import {
  createFaultyStorage,
  createMemoryStorage,
  createMemoryTransport,
  createSeededRandom,
  createVirtualClock,
  type HistoryEntry,
  type HistoryMessage,
  judgeHistory,
  type MemoryStorage,
  type MemoryTransport,
  type SeededRandom,
  type Verdict,
  type VirtualClock,
} from "@mailboat/outbox/testing";
import { draft } from "../support/relay_rig.ts";
import { digest } from "./digest.ts";
import { drawPlan, type FaultKind, type Plan } from "./plan.ts";
import { SimulatedProcess } from "./process.ts";
import { Witness } from "./witness.ts";

/** What became of one seed. */
export interface Report extends Verdict {
  readonly seed: number;
  readonly received: number;
  /** Attempts recorded that no refusal of the broker explains. */
  readonly attemptsUnexplained: number;
  /** Whether everything drained in time after the last fault. */
  readonly drained: boolean;
  /** Messages sent, or timers left, after everything had been delivered. */
  readonly restless: number;
  readonly digest: string;
  readonly situations: readonly string[];
}

const DAY_MS = 86_400_000;
/** After the last fault everything must be delivered within this virtual time. */
const DRAIN_MS = 600_000;
const REFUSED = { code: "REFUSED", reason: "no" };

/** Runs one seed. */
export async function simulate(seed: number): Promise<Report> {
  const world = new World(seed);
  await world.chaos();
  return await world.heal();
}

class World {
  readonly #seed: number;
  readonly #random: SeededRandom;
  readonly #plan: Plan;
  readonly #clock: VirtualClock = createVirtualClock();
  readonly #storage: MemoryStorage;
  readonly #faulty: StorageBase;
  readonly #broker: MemoryTransport;
  readonly #processes: SimulatedProcess[] = [];
  readonly #witness = new Witness();
  readonly #discarded = new Set<string>();
  readonly #poisonous = new Set<string>();
  readonly #positions = new Map<string | null, number>();
  #calm = false;
  #written = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = createSeededRandom(seed);
    this.#plan = drawPlan(this.#random);
    const { window, arriveMs, acknowledgeMs, hints, scanRows } = this.#plan;
    this.#storage = createMemoryStorage({ watch: hints, scanRows });
    const upTo = (ms: number) => () =>
      ms === 0 ? 0 : this.#random.integer(0, ms);
    this.#broker = createMemoryTransport({
      clock: this.#clock,
      window,
      arriveMs: upTo(arriveMs),
      acknowledgeMs: upTo(acknowledgeMs),
      answer: (message) => this.#answer(message),
    });
    this.#faulty = createFaultyStorage(this.#storage, () => this.#storeFault());
  }

  /** Writers write and everything goes wrong. */
  async chaos(): Promise<void> {
    await this.#storage.migrate();
    for (let i = 0; i < this.#plan.relays; i++) this.#start();
    const { chaosMs, transactions } = this.#plan;
    const agenda: { atMs: number; act: () => void | Promise<void> }[] = [];
    const plan = (act: () => void | Promise<void>) =>
      agenda.push({ atMs: this.#random.integer(0, chaosMs), act });
    for (let i = 0; i < transactions; i++) plan(() => this.#write());
    for (const [kind, rate] of Object.entries(this.#plan.rates)) {
      const count = Math.min(
        40,
        Math.floor(rate * chaosMs / 1_000 + this.#random.fraction()),
      );
      for (let i = 0; i < count; i++) {
        plan(() => this.#strike(kind as FaultKind));
      }
    }
    agenda.sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, act } of agenda) {
      await this.#clock.advance(atMs - this.#clock.monotonicMs());
      await act();
    }
    await this.#clock.advance(Math.max(0, chaosMs - this.#clock.monotonicMs()));
  }

  /** All faults end; everything must arrive, and then be quiet. */
  async heal(): Promise<Report> {
    this.#calm = true;
    this.#poisonous.clear();
    this.#broker.up();
    this.#broker.release();
    for (const process of this.#processes) process.resume();
    if (!this.#processes.some((process) => process.isRunning)) this.#start();
    const drained = await this.#drain();
    const received = this.#broker.received.length;
    await this.#clock.advance(60_000);
    const restless = this.#broker.received.length - received;
    for (const process of this.#processes) {
      if (!process.isRunning) continue;
      const stopping = process.relay.stop({ graceMs: 1_000 });
      await this.#clock.advance(5_000);
      await stopping;
      await process.ended;
    }
    return this.#report(drained, restless);
  }

  /** Retries what is dead until nothing is left, or time is up. */
  async #drain(): Promise<boolean> {
    const store = await this.#storage.open();
    const endMs = this.#clock.monotonicMs() + DRAIN_MS;
    while (this.#clock.monotonicMs() < endMs) {
      await store.retryDead({});
      await this.#clock.advance(5_000);
      if (this.#storage.snapshot().messages.length === 0) return true;
    }
    return false;
  }

  #report(drained: boolean, restless: number): Report {
    const { committed } = this.#storage.snapshot();
    const { received } = this.#broker;
    if (received.some(({ attempt }) => attempt > 1)) {
      this.#witness.situations.add("duplicate");
    }
    if (committed.length > this.#plan.readBatch) {
      this.#witness.situations.add("backlog over batch");
    }
    const verdict = judgeHistory(this.#history(drained));
    return {
      seed: this.#seed,
      ...verdict,
      received: received.length,
      attemptsUnexplained: this.#unexplained(),
      drained,
      restless,
      digest: digest(
        received.map(({ message, atMs }) => `${message.id}@${atMs}`),
      ),
      situations: [...this.#witness.situations],
    };
  }

  #history(drained: boolean): HistoryEntry[] {
    const positions = new Map<string | null, number>();
    const messages = new Map<string, HistoryMessage>();
    for (const { id, key } of this.#storage.snapshot().committed) {
      const position = (positions.get(key) ?? 0) + 1;
      positions.set(key, position);
      messages.set(id, { id, key, position });
    }
    return [
      { type: "intended", tx: "all", messages: [...messages.values()] },
      { type: "committed", tx: "all" },
      ...[...this.#witness.skipped].map((id) =>
        ({ type: "dead", id, held: false }) as const
      ),
      ...[...this.#discarded].map((id) => ({ type: "discarded", id }) as const),
      ...this.#broker.received.map(({ message: { id, key } }) =>
        ({
          type: "received",
          ...(messages.get(id) ?? { id, key, position: 0 }),
        }) as const
      ),
      {
        type: "fault",
        kind: "all",
        duplicates: this.#witness.duplicatesExplained,
      },
      ...(drained ? [{ type: "end" } as const] : []),
    ];
  }

  /** Every attempt on record needs a refusal: outages and crashes cost none. */
  #unexplained(): number {
    const refusals = new Map<number, number>();
    for (const { message } of this.#broker.refused) {
      refusals.set(message.seq, (refusals.get(message.seq) ?? 0) + 1);
    }
    return this.#storage.snapshot().failures.filter(({ seq, attempts }) =>
      attempts > (refusals.get(seq) ?? 0)
    ).length;
  }

  #start(): void {
    const { leaseMs, readBatch, laneDepth, settleBatch, maxSetAside } =
      this.#plan;
    this.#processes.push(
      new SimulatedProcess({
        clock: this.#clock,
        storage: this.#faulty,
        transport: this.#broker,
        random: createSeededRandom(this.#random.integer(0, 2 ** 31)),
        relay: {
          leaseMs,
          sendTimeoutMs: leaseMs,
          connectTimeoutMs: 1_000,
          reconnectCapMs: 5_000,
          readBatch,
          laneDepth,
          settleBatch,
          maxSetAside,
          retry: exponentialRetry({ baseMs: 50, capMs: 5_000, maxAttempts: 4 }),
        },
        onEvent: (event) => this.#witness.note(event),
      }),
    );
  }

  #write(): void {
    const tx = this.#storage.begin();
    const rollback = this.#random.chance(0.1);
    const count = this.#random.integer(1, 3);
    const messages = Array.from({ length: count }, () => {
      const key = this.#random.chance(0.1)
        ? null
        : `k${this.#random.integer(1, this.#plan.keys)}`;
      const position = (this.#positions.get(key) ?? 0) + 1;
      if (!rollback) this.#positions.set(key, position);
      const onDead = this.#random.chance(this.#plan.skip) ? "skip" : null;
      this.#written += 1;
      const id = `${rollback ? "rolled back" : "committed"} ${this.#written}`;
      return draft(key, position, { id, onDead });
    });
    void this.#storage.writer.insert(tx, messages);
    if (rollback) tx.rollback();
    else tx.commit();
  }

  #answer(message: Message): Outcome {
    if (this.#calm) return { kind: "delivered" };
    const { poison, refuse, defer, loseAck } = this.#plan;
    if (this.#random.chance(poison)) this.#poisonous.add(message.id);
    if (this.#poisonous.has(message.id)) {
      return { kind: "dead", failure: REFUSED };
    }
    if (this.#random.chance(refuse)) return { kind: "retry", failure: REFUSED };
    if (this.#random.chance(defer)) {
      return { kind: "deferred", failure: REFUSED, afterMs: 100 };
    }
    if (this.#random.chance(loseAck)) {
      this.#witness.situations.add("lost acknowledgement");
      return { kind: "unknown" };
    }
    return { kind: "delivered" };
  }

  #storeFault(): "ok" | "before" | "after" | "busy" {
    if (this.#calm) return "ok";
    if (this.#random.chance(this.#plan.storeBusy)) return "busy";
    if (!this.#random.chance(this.#plan.storeFailure)) return "ok";
    const fault = this.#random.pick(["before", "after"] as const);
    if (fault === "after") {
      this.#witness.situations.add("store failed after its effect");
    }
    return fault;
  }

  async #strike(kind: FaultKind): Promise<void> {
    const process = this.#random.pick(this.#processes);
    const soon = (ms: number, act: () => void) =>
      void this.#clock.sleep(this.#random.integer(1, ms)).then(act);
    switch (kind) {
      case "kill":
        if (this.#broker.inFlight > 0) {
          this.#witness.situations.add("killed in flight");
        }
        process.kill();
        this.#witness.duplicatesExplained += this.#plan.window;
        soon(3_000, () => this.#start());
        // The kernel closes the sockets of a dead process.
        return soon(50, () => this.#broker.cut({ onTheWire: "received" }));
      case "pause":
        process.pause();
        this.#witness.duplicatesExplained += this.#plan.window;
        return soon(3 * this.#plan.leaseMs, () => process.resume());
      case "stop":
        if (!process.isRunning) return;
        if (this.#broker.inFlight > 0) {
          this.#witness.situations.add("stopped in flight");
        }
        this.#witness.duplicatesExplained += this.#plan.window;
        void process.relay.stop({ graceMs: this.#random.pick([0, 10, 1_000]) });
        return soon(2_000, () => this.#start());
      case "outage":
        this.#broker.down(
          this.#random.pick(["TRANSPORT_UNAVAILABLE", "TRANSPORT_REFUSED"]),
        );
        return soon(
          this.#random.pick([100, 10_000, DAY_MS]),
          () => this.#broker.up(),
        );
      case "cut":
        return this.#broker.cut({
          onTheWire: this.#random.pick(["lost", "received"]),
        });
      case "hang":
        this.#broker.hang(
          this.#random.pick(["connect", "arrival", "acknowledgement"]),
        );
        return soon(20_000, () => this.#broker.release());
      case "clock":
        return this.#clock.jumpWall(
          this.#random.pick([
            -1_000,
            3_600_000,
            -50 * 365 * DAY_MS,
            40 * 365 * DAY_MS,
          ]),
        );
      case "operator":
        return await this.#operate();
    }
  }

  async #operate(): Promise<void> {
    const store: Store = await this.#storage.open();
    const letters = await store.listDead({ filter: {}, after: 0, limit: 99 });
    if (letters.length === 0) return;
    const letter = this.#random.pick(letters);
    const { id } = letter.message;
    if (this.#random.chance(0.5)) {
      this.#discarded.add(id);
      await store.discardDead({ id });
      this.#witness.situations.add("discarded");
    } else {
      this.#poisonous.delete(id);
      await store.retryDead({ id });
      this.#witness.situations.add("retried by an operator");
    }
  }
}
