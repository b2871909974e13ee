/**
 * The exhaustive part: goes through every scenario with a fault at operation
 * 1, 2, 3 … of the store and the broker, until it ends before the fault.
 *
 * @module
 */

import type { Message, Outcome } from "@mailboat/outbox";
import { createSeededRandom } from "@mailboat/outbox/testing";
import type { Fate, Operation } from "./fate.ts";
import { guarded } from "./guard.ts";
import type { PoisonKind } from "./poisons.ts";
import type { Scenario } from "./scenarios.ts";
import { PLAIN_SETTING, type Setting } from "./setting.ts";
import { Timeline } from "./timeline.ts";
import { tryWorld } from "./trial.ts";
import { type Rules, World } from "./world.ts";
import { Writing } from "./writing.ts";

/** What happens at an operation, by name. */
export const MISHAPS: Readonly<Record<string, Fate>> = {
  "fail before": { fault: "before" },
  "fail after": { fault: "after" },
  "busy": { fault: "busy" },
  "kill before": { blow: { kind: "kill", at: "before" } },
  "kill after": { blow: { kind: "kill", at: "after" } },
  "pause before": { blow: { kind: "pause", at: "before" } },
  "pause after": { blow: { kind: "pause", at: "after" } },
  "slow before": { beforeMs: 700 },
  "slow after": { afterMs: 700 },
};

/** What the exhaustive part of one scenario adds up to. */
export interface Exhausted {
  readonly scenario: string;
  readonly runs: number;
  /** The most operations of a run. */
  readonly operations: number;
  readonly failures: readonly {
    readonly mishap: string;
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

/** Goes through a scenario with each mishap at each operation. */
export async function exhaust(scenario: Scenario): Promise<Exhausted> {
  const failures: Exhausted["failures"][number][] = [];
  let runs = 0;
  let operations = 0;
  for (const [mishap, fate] of Object.entries(MISHAPS)) {
    for (let at = 1;; at++) {
      const script = new Script(scenario, fate, at);
      const { violations } = await guarded(() => runScenario(scenario, script));
      runs += 1;
      operations = Math.max(operations, script.operations);
      if (violations.length > 0) failures.push({ mishap, at, violations });
      if (!script.isReached) break;
    }
  }
  return { scenario: scenario.name, runs, operations, failures };
}

async function runScenario(scenario: Scenario, script: Script) {
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
  operations = 0;
  readonly #scenario: Scenario;
  readonly #fate: Fate;
  readonly #at: number;
  readonly #tries = new Map<string, number>();

  constructor(scenario: Scenario, fate: Fate, at: number) {
    this.#scenario = scenario;
    this.#fate = fate;
    this.#at = at;
  }

  /** Whether the run got as far as the mishap. */
  get isReached(): boolean {
    return this.operations >= this.#at;
  }

  fateOf(_: Operation): Fate | null {
    this.operations += 1;
    return this.operations === this.#at ? this.#fate : null;
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
