/**
 * Chaos: writers write while everything goes wrong, as the dice of a seed say.
 *
 * @module
 */

import type { Message, Outcome, SendFailure } from "@mailboat/outbox";
import type { Ending, SeededRandom } from "@mailboat/outbox/testing";
import { Endings } from "./endings.ts";
import type { Blow, Fate, Operation } from "./fate.ts";
import { Inspection } from "./inspection.ts";
import { nextTtlMs } from "./lifetimes.ts";
import { type Plan, STRIKES } from "./plan.ts";
import type { PoisonKind } from "./poisons.ts";
import type { Rules, World } from "./world.ts";
import { Writing } from "./writing.ts";

const DAY_MS = 86_400_000;
/** Strikes of one kind per seed at the most. */
const MAX_STRIKES = 12;
const MAX_KILLERS = 2;
const REFUSED = { code: "REFUSED", reason: "no" };

/** Lives through the chaos of a plan; resolves with what was written when it is over. */
export async function wreakChaos(
  world: World,
  plan: Plan,
  random: SeededRandom,
): Promise<Writing> {
  const { timeline } = world;
  const chaos = new Chaos(world, plan, random);
  const writing = new Writing(world);
  const inspection = new Inspection();
  world.rules = chaos;
  const agenda: { readonly atMs: number; readonly act: () => unknown }[] = [];
  const { chaosMs, transactions, rates } = plan;
  // Half of the writing comes in bursts, as a machine does that was off.
  const burstMs = random.integer(0, chaosMs);
  for (let i = 0; i < transactions; i++) {
    const atMs = random.chance(0.5) ? burstMs : random.integer(0, chaosMs);
    agenda.push({ atMs, act: () => writing.write(chaos.transaction()) });
  }
  for (const kind of STRIKES) {
    const expected = rates[kind] * chaosMs / 1_000 + random.fraction();
    const isOnce = kind === "clock" && plan.lifetimes !== null;
    const most = isOnce ? 1 : MAX_STRIKES;
    for (let i = 0; i < Math.min(most, Math.floor(expected)); i++) {
      if (rates[kind] === 0) continue;
      const atMs = random.integer(0, chaosMs);
      agenda.push({ atMs, act: () => chaos.strike(kind) });
    }
  }
  agenda.sort((one, other) => one.atMs - other.atMs);
  for (const { atMs, act } of agenda) {
    if (atMs > timeline.nowMs()) {
      await timeline.advance(atMs - timeline.nowMs());
    }
    void Promise.resolve(act()).catch((error) =>
      world.auditor.object(String(error))
    );
    inspection.look(world);
  }
  await timeline.advance(Math.max(0, chaosMs - timeline.nowMs()));
  while (!writing.isDone) await timeline.advance(plan.holdMs + 10);
  return writing;
}

/** The rules of chaos, and its strikes. */
class Chaos implements Rules {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #random: SeededRandom;
  readonly #endings: Endings;
  readonly #poisonous = new Set<string>();
  #killers = 0;

  constructor(world: World, plan: Plan, random: SeededRandom) {
    this.#world = world;
    this.#plan = plan;
    this.#random = random;
    this.#endings = new Endings(plan);
  }

  get cutFailure(): SendFailure {
    return this.#endings.cutFailure;
  }

  poisonOf(): PoisonKind | null {
    return this.#endings.nextPoison();
  }

  fateOf(operation: Operation): Fate | null {
    const { rates } = this.#plan;
    const isWire = operation === "connect" || operation === "send";
    const fault = isWire ? this.#wireFault() : this.#storeFault();
    const isSlow = !isWire && this.#falls(rates.storeSlow);
    const kind = this.#falls(rates.killInside)
      ? "kill"
      : this.#falls(rates.pauseInside)
      ? "pause"
      : null;
    if (fault === null && !isSlow && kind === null) return null;
    const slowMs = () => isSlow ? this.#random.pick([1, 5, 50, 400]) : 0;
    return {
      ...(fault && { fault }),
      ...(kind && {
        blow: { kind, at: this.#random.pick(["before", "after"] as const) },
      }),
      beforeMs: slowMs(),
      afterMs: slowMs(),
    };
  }

  answer(message: Message): Outcome | Ending {
    const ending = this.#endings.nextEnding();
    if (ending !== null) return ending;
    const { poison, refuse, defer, loseAck } = this.#plan.rates;
    if (this.#falls(poison)) this.#poisonous.add(message.id);
    if (this.#poisonous.has(message.id)) {
      return { kind: "dead", failure: REFUSED };
    }
    if (this.#falls(refuse)) return { kind: "retry", failure: REFUSED };
    if (this.#falls(defer)) {
      return { kind: "deferred", failure: REFUSED, afterMs: 100 };
    }
    if (!this.#falls(loseAck)) return { kind: "delivered" };
    this.#world.auditor.situations.add("acknowledgement lost");
    return { kind: "unknown" };
  }

  isKiller(): boolean {
    return this.#falls(this.#plan.rates.killer) &&
      ++this.#killers <= MAX_KILLERS;
  }

  awayMs(kind: Blow): number {
    const { leaseMs } = this.#plan.setting;
    // A quick restart and a slow one; a pause within the lease and beyond it.
    return kind === "kill"
      ? this.#random.pick([1, 200, 3 * leaseMs])
      : this.#random.pick([leaseMs / 3, 1.5 * leaseMs, 4 * leaseMs]);
  }

  transaction(): Parameters<Writing["write"]>[0] {
    const { keys, holdMs, skip } = this.#plan;
    const random = this.#random;
    return {
      keys: Array.from({ length: random.integer(1, 3) }, () =>
        // The first key is hot.
        random.chance(0.1)
          ? null
          : `k${random.chance(0.3) ? 1 : random.integer(1, keys)}`),
      onDead: skip > 0 && random.chance(skip) ? "skip" : null,
      ttlMs: () => nextTtlMs(this.#plan.lifetimes),
      holdMs: holdMs === 0 ? 0 : random.integer(0, holdMs),
      end: random.chance(0.1)
        ? "rollback"
        : random.chance(0.05)
        ? "unheard"
        : "commit",
    };
  }

  strike(kind: typeof STRIKES[number]): unknown {
    const { broker, processes } = this.#world;
    const random = this.#random;
    const process = random.pick(processes);
    switch (kind) {
      case "kill":
      case "pause":
        return this.#world.hit(process, kind);
      case "powerCut":
        return this.#world.cutPower();
      case "stop":
        return this.#stop(processes.indexOf(process));
      case "outage":
        return this.#outage();
      case "cut":
        return this.#world.cut(random.pick(["lost", "received"] as const));
      case "hang":
        broker.hang(
          random.pick(["connect", "arrival", "acknowledgement"] as const),
        );
        return this.#world.later(
          random.integer(1, 3 * this.#plan.setting.leaseMs),
          () => broker.release(),
        );
      case "clock": {
        const hours = random.pick([-1 / 3_600, 1, -50 * 8_766, 40 * 8_766]);
        return this.#world.jumpWall(process, hours * 3_600_000);
      }
      case "operator":
        return this.#operate();
    }
  }

  #outage(): void {
    const { broker } = this.#world;
    const { chaosMs } = this.#plan;
    broker.down(
      this.#random.pick(
        ["TRANSPORT_UNAVAILABLE", "TRANSPORT_REFUSED"] as const,
      ),
      this.#endings.nextAdvice(),
    );
    const ms = this.#random.pick([5, 500, chaosMs, DAY_MS]);
    if (ms === DAY_MS && chaosMs > DAY_MS) {
      this.#world.auditor.situations.add("outage of a day");
    }
    this.#world.later(ms, () => broker.up());
  }

  #stop(place: number): void {
    const process = this.#world.processes[place];
    if (process === undefined || process.isKilled || process.isStopping) return;
    const graceMs = this.#random.pick([0, 10, 1_000]);
    void this.#world.stop(process, graceMs).then(() => {
      this.#world.later(this.#random.pick([1, 500]), () => {
        this.#world.start(place);
      });
    });
  }

  async #operate(): Promise<void> {
    const { operator, auditor } = this.#world;
    const letters = await operator.list();
    if (letters.length === 0) return;
    const { message } = this.#random.pick(letters);
    if (this.#random.chance(0.4)) {
      auditor.situations.add("dead letter discarded");
      return await operator.discard(message);
    }
    if (this.#random.chance(0.7)) this.#poisonous.delete(message.id);
    auditor.situations.add("dead letter retried");
    await operator.retry(message.id);
  }

  #storeFault(): Fate["fault"] | null {
    const { storeBefore, storeAfter, storeBusy, storeFull } = this.#plan.rates;
    if (this.#falls(storeBusy)) return "busy";
    if (this.#falls(storeFull)) return "full";
    if (this.#falls(storeBefore)) return "before";
    if (!this.#falls(storeAfter)) return null;
    this.#world.auditor.situations.add("storage failed after its effect");
    return "after";
  }

  #wireFault(): Fate["fault"] | null {
    const { wireBefore, wireAfter } = this.#plan.rates;
    if (this.#falls(wireBefore)) return "before";
    return this.#falls(wireAfter) ? "after" : null;
  }

  /** No die is thrown for what cannot happen. */
  #falls(probability: number): boolean {
    return probability > 0 && this.#random.chance(probability);
  }
}
