/**
 * The exhaustive part: goes through every scenario with every mishap at every
 * operation of the store and the broker.
 *
 * @module
 */

import type { Message, Outcome } from "@mailboat/outbox";
import { createSeededRandom } from "@mailboat/outbox/testing";
import type { Fate, Operation } from "./fate.ts";
import { guarded } from "./guard.ts";
import { type Mishap, MISHAPS, mishapsAt } from "./mishaps.ts";
import type { PoisonKind } from "./poisons.ts";
import type { Scenario } from "./scenarios.ts";
import { PLAIN_SETTING, type Setting } from "./setting.ts";
import { Timeline } from "./timeline.ts";
import { type Report, tryWorld } from "./trial.ts";
import { type Rules, World } from "./world.ts";
import { Writing } from "./writing.ts";

/** What the exhaustive part of one scenario adds up to. */
export interface Exhausted {
  readonly scenario: string;
  readonly runs: number;
  /** The most operations of a run. */
  readonly operations: number;
  readonly failures: readonly {
    readonly mishap: Mishap | null;
    readonly at: number;
    readonly violations: readonly string[];
  }[];
}

/** How long a scenario goes on after its last step. */
const TAIL_MS = 600;
/** A killed process is started again soon; a paused one goes on after its lease. */
const RESTART_MS = 20;
const PAUSE_LEASES = 1.5;
/**
 * From the last fault to the last delivery: a lease must lapse, with patience,
 * and a few waits of a second must end.
 */
const DRAIN_MS = 8_000;
const REFUSED = { code: "REFUSED", reason: "no" };

/** Goes through a scenario as it is, and with each mishap at each operation. */
export async function exhaust(scenario: Scenario): Promise<Exhausted> {
  const failures: Exhausted["failures"][number][] = [];
  let runs = 0;
  let operations = 0;
  const go = async (mishap: Mishap | null, at: number) => {
    const run = await runScenario(scenario, mishap, at);
    runs += 1;
    operations = Math.max(operations, run.operations.length);
    const { violations } = run.report;
    if (violations.length > 0) failures.push({ mishap, at, violations });
    return run.operations;
  };
  // Until its mishap, a run is as it is without one.
  const plain = await go(null, 0);
  for (const [index, operation] of plain.entries()) {
    for (const mishap of mishapsAt(operation)) {
      const at = index + 1;
      const { [index]: met } = await go(mishap, at);
      if (met === operation) continue;
      const violations = [`met ${met} instead of ${operation}`];
      failures.push({ mishap, at, violations });
    }
  }
  return { scenario: scenario.name, runs, operations, failures };
}

/** A run of a scenario. */
export interface Run {
  /** What was asked of the store and the broker until the faults were over. */
  readonly operations: readonly Operation[];
  readonly report: Report;
}

/** Goes through a scenario with a mishap at an operation, counted from 1. */
export async function runScenario(
  scenario: Scenario,
  mishap: Mishap | null,
  at: number,
): Promise<Run> {
  const fate = mishap === null ? null : MISHAPS[mishap];
  const script = new Script(scenario, fate, at);
  const report = await guarded(() => follow(scenario, script));
  return { operations: script.operations, report };
}

async function follow(scenario: Scenario, script: Script): Promise<Report> {
  const setting: Setting = { ...PLAIN_SETTING, ...scenario.setting };
  const timeline = new Timeline("ticks");
  const world = new World(setting, createSeededRandom(1), timeline);
  const writing = new Writing(world);
  world.rules = script;
  await world.begin();
  for (const [atMs, step] of scenario.steps) {
    await timeline.advance(Math.max(0, atMs - timeline.nowMs()));
    void Promise.resolve(step({ world, writing })).catch((error) =>
      world.auditor.object(String(error))
    );
  }
  await timeline.advance(TAIL_MS);
  while (!writing.isDone) await timeline.advance(TAIL_MS);
  return await tryWorld(world, writing, scenario.drainMs ?? DRAIN_MS);
}

/** The rules of a scenario, with one mishap at one operation. */
class Script implements Rules {
  /** Operations that took place. */
  readonly operations: Operation[] = [];
  readonly #scenario: Scenario;
  readonly #fate: Fate | null;
  readonly #at: number;
  readonly #tries = new Map<string, number>();

  constructor(scenario: Scenario, fate: Fate | null, at: number) {
    this.#scenario = scenario;
    this.#fate = fate;
    this.#at = at;
  }

  fateOf(operation: Operation): Fate | null {
    return this.operations.push(operation) === this.#at ? this.#fate : null;
  }

  answer({ id }: Message): Outcome {
    const tries = this.#tries.get(id) ?? 0;
    this.#tries.set(id, tries + 1);
    const kind = this.#scenario.answers?.[id]?.[tries] ?? "delivered";
    if (kind === "deferred") return { kind, failure: REFUSED, afterMs: 50 };
    if (kind === "retry" || kind === "dead") return { kind, failure: REFUSED };
    return { kind };
  }

  poisonOf({ id }: Message): PoisonKind | null {
    return this.#scenario.poisons?.[id] ?? null;
  }

  isKiller({ id }: Message): boolean {
    return this.#scenario.killer === id;
  }

  awayMs(kind: "kill" | "pause"): number {
    const { leaseMs } = { ...PLAIN_SETTING, ...this.#scenario.setting };
    return kind === "kill" ? RESTART_MS : PAUSE_LEASES * leaseMs;
  }
}
