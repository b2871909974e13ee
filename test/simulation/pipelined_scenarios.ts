/**
 * Small scenarios for the exhaustive part in pipelined order.
 *
 * @module
 */

import type { Scenario } from "./scenarios.ts";
import {
  commit,
  commitMortal,
  cut,
  discard,
  hang,
  hit,
  release,
  retry,
  stop,
} from "./steps.ts";

const pipelined = { order: "pipelined", window: 8, laneWindow: 8 } as const;
const slow = { ...pipelined, arriveMs: 20, acknowledgeMs: 20 };
const five = commit("a a a a a");

/** All of them. */
export const PIPELINED_SCENARIOS: readonly Scenario[] = [
  {
    name: "five of one key, pipelined",
    steps: [[0, five], [30, five]],
    setting: slow,
  },
  {
    name: "the third of five refused, pipelined",
    steps: [[0, five]],
    answers: { m3: ["retry"] },
    setting: pipelined,
  },
  {
    name: "the third and the fifth of five refused on a slow wire, pipelined",
    steps: [[0, five]],
    answers: { m3: ["retry", "retry"], m5: ["deferred"] },
    setting: slow,
  },
  {
    name: "the third of five dead, and brought back by an operator, pipelined",
    steps: [[0, five], [300, retry]],
    answers: { m3: ["dead"] },
    setting: pipelined,
  },
  {
    name: "the third of five dead, and given up by an operator, pipelined",
    steps: [[0, five], [300, discard]],
    answers: { m3: ["dead"] },
    setting: slow,
  },
  {
    name: "the third of five dead and skipped, and brought back, pipelined",
    steps: [[0, commit("a a a a a", "skip")], [200, retry]],
    answers: { m3: ["dead"] },
    setting: pipelined,
  },
  {
    name: "an acknowledgement in the middle that never comes, pipelined",
    steps: [[0, five]],
    answers: { m3: ["unknown"] },
    setting: pipelined,
  },
  {
    name: "a connection cut before five arrive, pipelined",
    steps: [[0, five], [10, cut("lost")]],
    setting: slow,
  },
  {
    name: "a connection cut after five arrived, pipelined",
    steps: [[0, five], [10, cut("received")]],
    setting: slow,
  },
  {
    name: "a relay killed after acknowledgements, and its successor, pipelined",
    steps: [[0, five], [45, hit(0, "kill")], [50, five]],
    setting: { ...slow, settleDelayMs: 100, settleBatch: 256 },
  },
  {
    name: "a relay stopped without grace, pipelined",
    steps: [[0, five], [30, stop(0)]],
    setting: slow,
  },
  {
    name: "a relay that stands still beyond its lease, pipelined",
    steps: [[0, five], [30, hit(0, "pause")], [900, commit("a a")]],
    setting: { ...slow, relays: 2, leaseMs: 300 },
  },
  {
    name: "a lane deeper than memory and its window, pipelined",
    steps: [[0, commit("a a a b a a a")]],
    answers: { m5: ["retry"] },
    setting: { ...slow, laneWindow: 2, laneDepth: 1, readBatch: 2 },
  },
  {
    name: "the window full of one key, pipelined",
    steps: [[0, commit("a a a a b a")], [1, commit("b b")]],
    answers: { m2: ["retry"] },
    setting: { ...slow, window: 3 },
  },
  {
    name: "one that expires behind others on their way, pipelined",
    steps: [
      [0, hang("acknowledgement")],
      [0, commitMortal("a a", null, null)],
      [20, commitMortal("a a a", 1, null, 5_000)],
      [300, release],
    ],
    setting: { ...pipelined, isOneClock: true, settleDelayMs: 100 },
  },
  {
    name: "a refused one that expires while it waits, pipelined",
    steps: [[0, commitMortal("a a a a", null, 30, null, 5_000)]],
    answers: { m2: ["retry", "retry", "retry"] },
    setting: { ...pipelined, isOneClock: true },
  },
  {
    name: "a message that kills every relay that sends it, pipelined",
    steps: [[0, commit("a a a b a")]],
    killer: "m2",
    setting: { ...pipelined, leaseMs: 300 },
  },
];
