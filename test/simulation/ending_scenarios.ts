/**
 * Scenarios in which the broker ends connections at a message.
 *
 * @module
 */

import type { Scenario } from "./scenarios.ts";
import { commit, cut, hit, retry } from "./steps.ts";

/** Two owners that prove nothing, one after the other, make the third careful. */
const deaths = [
  [10, hit(0, "kill")],
  [400, hit(0, "kill")],
] as const;
const slow = { arriveMs: 20, acknowledgeMs: 20 };
/** What is silent is found by its accusations, whose waits grow, and by traffic. */
const SILENT_MS = 40_000;

/** All of them. */
export const ENDING_SCENARIOS: readonly Scenario[] = [
  {
    name: "a message that the broker cannot bear, among three keys",
    steps: [[0, commit("a b c a b c")]],
    poisons: { m2: "explicit" },
  },
  {
    name: "two of them in one window, and no other message",
    steps: [[0, commit("a b")]],
    poisons: { m1: "explicit", m2: "explicit" },
  },
  {
    name: "a message that the broker cannot bear, and its lane goes on",
    steps: [[0, commit("a a b", "skip")], [1_500, retry]],
    poisons: { m1: "explicit" },
    setting: slow,
  },
  {
    name: "a message that the broker cannot bear, while connections are cut",
    steps: [[0, commit("a b c a b c")], [5, cut("lost")], [
      60,
      cut("received"),
    ]],
    poisons: { m2: "explicit" },
    setting: slow,
  },
  {
    name: "a message without rights, until it has them",
    steps: [[0, commit("a b a b")]],
    poisons: { m1: "denied" },
  },
  {
    name: "a message at which connections end without a word",
    steps: [[0, commit("a b c a b c")]],
    poisons: { m2: "silent" },
    drainMs: SILENT_MS,
  },
  {
    name: "a message that the broker cannot bear, on trial after two deaths",
    steps: [[0, commit("a b a b")], ...deaths],
    poisons: { m2: "explicit" },
    setting: { ...slow, leaseMs: 300 },
  },
  {
    name: "a message at which connections end without a word, on trial",
    steps: [[0, commit("a b a b")], ...deaths],
    poisons: { m2: "silent" },
    setting: { ...slow, leaseMs: 300 },
    drainMs: SILENT_MS,
  },
];
