/**
 * A fault: one thing to do to a world. Faults come in streams; within a stream
 * one happens after the other, and several streams run beside each other, so
 * that faults meet.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import {
  createSeededRandom,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import type { World } from "./world.ts";

/** One thing to do; it is mended when the promise resolves. */
export interface Fault {
  /** How often it comes up, beside others of its stream. */
  readonly weight: number;
  readonly inject: (dice: SeededRandom) => Promise<void>;
}

/** Faults that follow each other. */
export interface Stream {
  /** The time between two of them. */
  readonly pauseMs: readonly [low: number, high: number];
  readonly faults: readonly Fault[];
}

/** How long a fault waits at the most for the progress at which it is to hit. */
export const PATIENCE_MS = 2_000;

const clock = systemClock();

/** Waits for a time that the dice choose. */
export async function sometime(
  dice: SeededRandom,
  [low, high]: readonly [low: number, high: number],
): Promise<void> {
  await clock.sleep(dice.integer(low, high));
}

/**
 * Resolves in the middle of something: up to 3 ms after so many packets went
 * over the wire.
 */
export async function amid(
  { wire }: World,
  dice: SeededRandom,
): Promise<void> {
  await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
  await sometime(dice, [0, 3]);
}

/** Lets a stream go on until the signal is aborted and its last fault is mended. */
export async function flow(
  { pauseMs: [low, high], faults }: Stream,
  { seed, signal }: { readonly seed: number; readonly signal: AbortSignal },
): Promise<void> {
  const dice = createSeededRandom(seed);
  let deck: Fault[] = [];
  for (;;) {
    await clock.sleep(dice.integer(low, high), signal);
    if (signal.aborted) return;
    if (deck.length === 0) deck = shuffled(faults, dice);
    await deck.pop()?.inject(dice);
  }
}

/** As many cards of each as it weighs, so that each comes up in every round of the deck. */
function shuffled(faults: readonly Fault[], dice: SeededRandom): Fault[] {
  return faults
    .flatMap((fault) => Array.from({ length: fault.weight }, () => fault))
    .map((fault) => ({ fault, place: dice.fraction() }))
    .sort((one, other) => one.place - other.place)
    .map(({ fault }) => fault);
}
