/**
 * The world of one seed: writers, relays, a store, a broker, operators. What
 * goes wrong between them is decided by its rules, until it heals.
 *
 * @module
 */

import type {
  Message,
  Outcome,
  SendFailure,
  StorageBase,
  Transport,
} from "@mailboat/outbox";
import {
  createMemoryStorage,
  createMemoryTransport,
  createSeededRandom,
  type Ending,
  type MemoryStorage,
  type MemoryTransport,
  type OnTheWire,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import { Auditor } from "./auditor.ts";
import type { Blow, Fate, Operation } from "./fate.ts";
import { Operator } from "./operator.ts";
import { endingAt, type PoisonRules, Poisons } from "./poisons.ts";
import { SimulatedProcess } from "./process.ts";
import { relayOptionsOf, type Setting } from "./setting.ts";
import type { Timeline } from "./timeline.ts";

/** What goes wrong. */
export interface Rules extends PoisonRules {
  fateOf(operation: Operation, process: SimulatedProcess): Fate | null;
  answer(message: Message): Outcome | Ending;
  /** What a connection says that is cut. */
  readonly cutFailure?: SendFailure;
  /** Whether a message that is sent for the first time kills whoever sends it. */
  isKiller(message: Message): boolean;
  /** How long a process that was hit stays away, in ms. */
  awayMs(kind: Blow): number;
}

const START_MS = 1_735_689_600_000;
/** How far wall clocks are off, where no relay takes their word. */
const SKEW_MS = 5_000;
const DELIVERED: Outcome = { kind: "delivered" };
/** The kernel closes the sockets of a dead process within this time. */
const SOCKETS_CLOSE_MS = 50;
/** How long a drain may take. */
const BUDGETS_MS = [50, 500, 3_000];
/** How long a scheduler waits for the next one, in polls. */
const PAUSES_IN_POLLS = [0.05, 0.5, 3];
/** Beyond its grace, what `stop` may take: the adapters may be slow to close, and to answer. */
export const STOP_SLACK_MS = 5_000;

/** Everything a seed plays with. */
export class World {
  readonly setting: Setting;
  readonly timeline: Timeline;
  readonly random: SeededRandom;
  readonly auditor: Auditor;
  readonly storage: MemoryStorage;
  readonly broker: MemoryTransport;
  /** One process per relay; replaced when it was killed or stopped. */
  readonly processes: SimulatedProcess[] = [];
  /** What goes wrong at present; `null` in peace. */
  rules: Rules | null = null;
  readonly poisons: Poisons = new Poisons();
  readonly #audited: StorageBase;
  /** Messages that were sent, and whether they kill the process that sends them. */
  readonly #killers: Map<string, boolean> = new Map();
  /** Who opened the newest connection: it replaced every other. */
  #connected: SimulatedProcess | null = null;
  #operator: Operator | null = null;
  /** How far the wall clock of the machine was moved. */
  #wallShiftMs = 0;
  /** What faults leave to be done later. */
  readonly #later: Set<() => void> = new Set();

  /** Sets the world up; nobody works yet. */
  constructor(setting: Setting, random: SeededRandom, timeline: Timeline) {
    this.setting = setting;
    this.random = random;
    this.timeline = timeline;
    const { hints, window, scanRows, arriveMs, acknowledgeMs } = setting;
    this.auditor = new Auditor(timeline, setting);
    this.storage = createMemoryStorage({ watch: hints, scanRows });
    this.#audited = this.auditor.storage(this.storage);
    const upTo = (ms: number) => ms === 0 ? 0 : () => random.integer(0, ms);
    this.broker = createMemoryTransport({
      clock: timeline,
      window,
      arriveMs: upTo(arriveMs),
      acknowledgeMs: upTo(acknowledgeMs),
      answer: (message) => this.#answer(message),
    });
  }

  /** Creates the tables and starts the relays. */
  async begin(): Promise<void> {
    await this.storage.migrate();
    this.#operator = new Operator({
      store: await this.#audited.open(),
      auditor: this.auditor,
      timeline: this.timeline,
      isKiller: ({ id }) => this.#killers.get(id) ?? false,
      isPoison: ({ id }) => this.poisons.isPoison(id),
    });
    for (let i = 0; i < this.setting.relays; i++) this.start(i);
  }

  /** Whoever cares for dead letters. */
  get operator(): Operator {
    if (this.#operator === null) throw new Error("The world has not begun");
    return this.#operator;
  }

  /** Starts a process in a place where none lives. */
  start(place: number): void {
    const before = this.processes[place];
    if (before !== undefined && !before.isKilled && !before.isStopping) return;
    const { random, timeline, setting } = this;
    const process: SimulatedProcess = new SimulatedProcess({
      timeline,
      rate: 1 + setting.drift * (random.fraction() - 0.5),
      wallMs: this.#startMs(),
      random: createSeededRandom(random.integer(0, 2 ** 31)),
      storage: this.#audited,
      transport: this.#transport(() => process),
      relay: relayOptionsOf(setting),
      fateOf: (operation) => this.rules?.fateOf(operation, process) ?? null,
      diesOf: (message) => this.#isKiller(message),
      observer: this.auditor,
      cut: () => this.cut("received"),
    });
    process.onBlow = (kind) => this.hit(process, kind);
    this.processes[place] = process;
    const isBrief = this.rules !== null &&
      place >= setting.relays - setting.brief;
    const work = isBrief ? this.#drain(process, place) : process.relay.run();
    work.catch((error) => this.auditor.object(`a relay gave up: ${error}`));
  }

  /** What the wall clock of the machine shows, in ms. */
  get wallMs(): number {
    return START_MS + this.#wallShiftMs + Math.floor(this.timeline.nowMs());
  }

  /** Moves the wall clock of a process, or of all. */
  jumpWall(process: SimulatedProcess, deltaMs: number): void {
    if (!this.setting.isOneClock) return process.clock.jumpWall(deltaMs);
    this.auditor.lives.isClockMoved = true;
    this.auditor.situations.add("clock moved under mortal messages");
    this.#wallShiftMs += deltaMs;
    for (const { clock } of this.processes) clock.jumpWall(deltaMs);
  }

  #startMs(): number {
    const { setting, random } = this;
    const skewMs = setting.brief > 0 ? 0 : random.integer(-SKEW_MS, SKEW_MS);
    return START_MS + (setting.isOneClock ? this.#wallShiftMs : skewMs);
  }

  /** Drains once; the scheduler starts another process after a while. */
  async #drain(process: SimulatedProcess, place: number): Promise<void> {
    const budgetMs = this.random.pick(BUDGETS_MS);
    const beganMs = this.timeline.nowMs();
    const { reason } = await process.relay.drain({ budgetMs });
    process.isStopping = true;
    this.auditor.situations.add(`drain ended: ${reason}`);
    if (reason !== "empty") this.auditor.fault("drain", this.setting.window);
    const tookMs = this.timeline.nowMs() - beganMs;
    if (!process.wasPaused && tookMs > budgetMs + STOP_SLACK_MS) {
      this.auditor.object(`drain({ budgetMs: ${budgetMs} }) took ${tookMs} ms`);
    }
    if (this.rules === null) this.start(place);
    else {
      const pauseMs = this.random.pick(PAUSES_IN_POLLS) * this.setting.pollMs;
      this.later(pauseMs, () => this.start(place));
    }
  }

  /** Lets something happen after a while, unless the world heals before. */
  later(ms: number, act: () => void): void {
    const callOff = this.timeline.at(this.timeline.nowMs() + ms, () => {
      this.#later.delete(callOff);
      act();
    });
    this.#later.add(callOff);
  }

  /** Kills or pauses a process, which comes back after a while. */
  hit(process: SimulatedProcess, kind: Blow): void {
    if (process.isKilled) return;
    const { timeline, auditor, setting, random } = this;
    const awayMs = this.rules?.awayMs(kind) ?? 0;
    if (kind === "pause") {
      process.pause();
      return this.later(awayMs, () => process.resume());
    }
    if (process.relay.status().inFlight > 0) {
      auditor.situations.add("killed with messages in flight");
    }
    process.kill();
    auditor.fault("kill", setting.window);
    const place = this.processes.indexOf(process);
    if (place >= 0) this.later(awayMs, () => this.start(place));
    const onTheWire = random.chance(0.5) ? "lost" : "received";
    const closedMs = timeline.nowMs() + random.integer(0, SOCKETS_CLOSE_MS);
    timeline.at(closedMs, () => {
      if (this.#connected === process) this.cut(onTheWire);
    });
  }

  /** Stops a process in good order; resolves when it has ended. */
  async stop(process: SimulatedProcess, graceMs: number): Promise<void> {
    const { timeline, auditor, setting } = this;
    const { inFlight, unsettled } = process.relay.status();
    if (inFlight > 0) {
      auditor.situations.add("shutdown with messages in flight");
    }
    if (inFlight + unsettled > 0) auditor.fault("stop", setting.window);
    const beganMs = timeline.nowMs();
    process.wasPaused = !process.isRunning;
    const stopped = process.relay.stop({ graceMs });
    process.isStopping = true;
    await stopped;
    const tookMs = timeline.nowMs() - beganMs;
    if (!process.wasPaused && tookMs > graceMs + STOP_SLACK_MS) {
      auditor.object(`stop({ graceMs: ${graceMs} }) took ${tookMs} ms`);
    }
    const { state } = process.relay.status();
    if (state !== "stopped") auditor.object(`${state} after stop()`);
  }

  /** Cuts every connection. */
  cut(onTheWire: OnTheWire): void {
    const failure = this.rules?.cutFailure;
    this.broker.cut({ onTheWire, ...(failure && { failure }) });
  }

  /** Everything goes dark at once; the machine boots anew. */
  cutPower(): void {
    this.auditor.situations.add("power cut");
    this.storage.reboot();
    for (const process of this.processes) this.hit(process, "kill");
  }

  /** All faults end. */
  heal(): void {
    this.rules = null;
    this.broker.up();
    this.broker.release();
    for (const callOff of this.#later) callOff();
    this.#later.clear();
    for (const process of this.processes) process.resume();
    for (const place of this.processes.keys()) this.start(place);
  }

  #transport(owner: () => SimulatedProcess): Transport {
    return {
      name: this.broker.name,
      ordered: true,
      connect: async (request) => {
        const connection = await this.broker.connect(request);
        this.#connected = owner();
        // A dead process has no sockets.
        if (this.#connected.isKilled) await connection.close();
        return connection;
      },
    };
  }

  #isKiller(message: Message): boolean {
    const known = this.#killers.get(message.id);
    if (known !== undefined) return known;
    const isKiller = this.rules?.isKiller(message) ?? false;
    this.#killers.set(message.id, isKiller);
    return isKiller;
  }

  #answer(message: Message): Outcome | Ending {
    const poison = this.poisons.arrives(message, this.rules);
    if (poison !== null) {
      this.auditor.endsAt(message, poison);
      return { kind: "end", failure: endingAt(poison) };
    }
    const outcome = this.rules?.answer(message) ?? DELIVERED;
    const { kind } = outcome;
    if (kind === "delivered" || kind === "unknown") {
      this.auditor.receives(message);
    } else if (kind !== "unavailable" && kind !== "end") {
      this.auditor.refuses(message, kind !== "deferred");
    }
    return outcome;
  }
}
