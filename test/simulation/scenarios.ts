/**
 * Small scenarios for the exhaustive part: each is gone through once for every
 * operation in it and everything that can happen there.
 *
 * @module
 */

import type { Outcome } from "@mailboat/outbox";
import { ENDING_SCENARIOS } from "./ending_scenarios.ts";
import { PIPELINED_SCENARIOS } from "./pipelined_scenarios.ts";
import type { PoisonKind } from "./poisons.ts";
import type { Setting } from "./setting.ts";
import {
  commit,
  commitMortal,
  commitSlowly,
  cut,
  cutPower,
  discard,
  down,
  hang,
  hit,
  jump,
  release,
  retry,
  rollBack,
  shut,
  type Step,
  stop,
  up,
} from "./steps.ts";

/** A small story about a few messages. */
export interface Scenario {
  readonly name: string;
  /** Deviations from the plain setting. */
  readonly setting?: Partial<Setting>;
  /** What is done, and when, in ms. */
  readonly steps: readonly (readonly [atMs: number, step: Step])[];
  /** The message that kills every process that sends it, by id. */
  readonly killer?: string;
  /** At which messages the broker ends the connection, by id. */
  readonly poisons?: Readonly<Record<string, PoisonKind>>;
  /** From the last fault to the last delivery, in ms, where it takes long. */
  readonly drainMs?: number;
  /** What the broker answers to the first tries, by the message's id. */
  readonly answers?: Readonly<Record<string, readonly Answer[]>>;
}

/** An answer of the broker. */
export type Answer = Exclude<Outcome["kind"], "unavailable">;

const DAY_MS = 86_400_000;
const slow = { arriveMs: 20, acknowledgeMs: 20 };
const narrow = { window: 1 };
const mortal = { isOneClock: true };

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "one message", steps: [[0, commit("a")]] },
  { name: "three messages of one key", steps: [[0, commit("a a a")]] },
  { name: "keys side by side", steps: [[0, commit("a b c a b c")]] },
  { name: "messages without a key", steps: [[0, commit("- - -")]] },
  {
    name: "a key among messages without one",
    steps: [[0, commit("a - a - a")]],
  },
  {
    name: "transactions one after the other",
    steps: [[0, commit("a b")], [30, commit("a b")], [60, commit("b a")]],
  },
  {
    name: "a rollback between commits",
    steps: [[0, commit("a")], [1, rollBack("a b")], [2, commit("a b")]],
  },
  {
    name: "a writer that holds the lock while messages are on their way",
    steps: [[0, commit("a b")], [1, commitSlowly("a b")]],
    setting: slow,
  },
  {
    name: "work for a relay that has been idle",
    steps: [[700, commit("a a b")]],
  },
  {
    name: "work found without a hint",
    steps: [[0, commit("a")], [100, commit("a b")]],
    setting: { hints: false, pollMs: 100 },
  },
  {
    name: "more than a window",
    steps: [[0, commit("a b c d e")]],
    setting: { window: 2 },
  },
  {
    name: "a window of one on a slow wire",
    steps: [[0, commit("a a b")]],
    setting: { ...slow, ...narrow },
  },
  {
    name: "more than a page",
    steps: [[0, commit("a b c a b c")]],
    setting: { readBatch: 2 },
  },
  {
    name: "a lane deeper than memory",
    steps: [[0, commit("a a b a a")]],
    setting: { laneDepth: 1, readBatch: 2 },
  },
  {
    name: "reads that look at two rows",
    steps: [[0, commit("a a b b c")]],
    setting: { scanRows: 2 },
  },
  {
    name: "outcomes recorded one by one",
    steps: [[0, commit("a b c")]],
    setting: { settleBatch: 1, settleDelayMs: 0 },
  },
  {
    name: "outcomes recorded late, in a group",
    steps: [[0, commit("a b c")]],
    setting: { settleBatch: 256, settleDelayMs: 100, window: 64 },
  },
  {
    name: "outcomes recorded late, with nothing left to send",
    steps: [[0, commit("a b")], [100, commit("a c")], [300, commit("b")]],
    setting: { settleIdleMs: 250, window: 64 },
  },
  {
    name: "sends in bursts of one",
    steps: [[0, commit("a b c")]],
    setting: { burst: 1 },
  },
  {
    name: "delivered messages kept in the archive",
    steps: [[0, commit("a b a")]],
    setting: { keepDeliveredMs: 10 },
  },
  {
    name: "refused once, then taken",
    steps: [[0, commit("a a b")]],
    answers: { m1: ["retry"] },
  },
  {
    name: "refused in the middle of a lane",
    steps: [[0, commit("a a a")]],
    answers: { m2: ["retry", "retry"] },
  },
  {
    name: "refused until it dies, and brought back by an operator",
    steps: [[0, commit("a a b")], [400, retry]],
    answers: { m1: ["retry", "retry", "retry"] },
  },
  {
    name: "dead at once, and given up by an operator",
    steps: [[0, commit("a a b")], [200, discard]],
    answers: { m1: ["dead"] },
  },
  {
    name: "two dead messages of one key, one brought back and one given up",
    steps: [[0, commit("a a a")], [100, discard], [200, retry]],
    answers: { m1: ["dead"], m2: ["dead"] },
  },
  {
    name: "a dead message that is skipped and brought back late",
    steps: [[0, commit("a a b", "skip")], [200, retry]],
    answers: { m1: ["dead"] },
  },
  {
    name: "more skipped messages brought back than may be tracked",
    steps: [[0, commit("a a b b", "skip")], [100, retry]],
    answers: { m1: ["dead"], m2: ["dead"], m3: ["dead"], m4: ["dead"] },
    setting: { maxSetAside: 2 },
  },
  {
    name: "more refused messages than may be tracked",
    steps: [[0, commit("a b c d")]],
    answers: { m1: ["retry"], m2: ["retry"], m3: ["retry"] },
    setting: { maxSetAside: 2 },
  },
  {
    name: "a message deferred without its fault",
    steps: [[0, commit("a a b")]],
    answers: { m1: ["deferred"] },
  },
  {
    name: "an acknowledgement that never comes",
    steps: [[0, commit("a b a")]],
    answers: { m1: ["unknown"] },
  },
  {
    name: "a broker that is away at first",
    steps: [[0, down], [0, commit("a b")], [400, up]],
  },
  {
    name: "a broker that refuses connections at first",
    steps: [[0, shut], [0, commit("a b")], [400, up]],
  },
  {
    name: "a connection cut before the messages arrive",
    steps: [[0, commit("a b a")], [10, cut("lost")]],
    setting: slow,
  },
  {
    name: "a connection cut after the messages arrived",
    steps: [[0, commit("a b a")], [10, cut("received")]],
    setting: slow,
  },
  {
    name: "a broker that hangs as it is called",
    steps: [[0, hang("connect")], [0, commit("a b")], [300, release]],
  },
  {
    name: "a broker that takes nothing for a while",
    steps: [[0, hang("arrival")], [0, commit("a b")], [300, release]],
  },
  {
    name: "a broker that answers nothing beyond the lease",
    steps: [[0, hang("acknowledgement")], [0, commit("a")], [1_500, release]],
  },
  {
    name: "a relay stopped in good order, and its successor",
    steps: [[0, commit("a b a")], [30, stop(1_000)], [40, commit("a b")]],
    setting: slow,
  },
  {
    name: "a relay stopped without grace, and its successor",
    steps: [[0, commit("a b a")], [30, stop(0)]],
    setting: slow,
  },
  {
    name: "a relay killed, and its successor",
    steps: [[0, commit("a b a")], [30, hit(0, "kill")]],
    setting: slow,
  },
  {
    name: "two relays",
    steps: [[0, commit("a b a")], [100, commit("b a")]],
    setting: { relays: 2 },
  },
  {
    name: "a relay killed, and one that stands by",
    steps: [[0, commit("a b a")], [30, hit(0, "kill")]],
    setting: { ...slow, relays: 2 },
  },
  {
    name: "a relay that stands still beyond its lease, and one that stands by",
    steps: [[0, commit("a b a")], [30, hit(0, "pause")], [900, commit("a")]],
    setting: { ...slow, relays: 2, leaseMs: 300 },
  },
  {
    name: "a message that kills every relay that sends it",
    steps: [[0, commit("a b a b")]],
    killer: "m2",
    setting: { leaseMs: 300 },
  },
  {
    name: "a power cut",
    steps: [[0, commit("a b a")], [30, cutPower], [60, commit("a b")]],
    setting: { ...slow, relays: 2 },
  },
  {
    name: "messages that expire while the broker is away",
    steps: [
      [0, down],
      [0, commitMortal("a a a b", 100, null, 100, 100)],
      [400, up],
    ],
    setting: mortal,
  },
  {
    name: "a message that expires while it waits for its retry",
    steps: [[0, commitMortal("a a b", 30, null, 5_000)]],
    answers: { m1: ["retry", "retry", "retry"] },
    setting: mortal,
  },
  {
    name: "a dead message that is brought back too late",
    steps: [[0, commitMortal("a a", 100, null)], [300, retry]],
    answers: { m1: ["dead"] },
    setting: mortal,
  },
  {
    name: "wall clocks that jump",
    steps: [
      [0, commit("a a b")],
      [5, jump(-50 * 365 * DAY_MS)],
      [40, jump(80 * 365 * DAY_MS)],
    ],
    setting: slow,
    answers: { m1: ["retry"] },
  },
  ...PIPELINED_SCENARIOS,
  ...ENDING_SCENARIOS,
];
