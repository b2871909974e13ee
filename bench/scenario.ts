/**
 * What a scenario is: something measured, beside what it is compared with.
 *
 * @module
 */

import type { Course } from "./course.ts";
import type { Figure } from "./figure.ts";

/** One question that is answered with figures. */
export interface Scenario {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it measures, in one line. */
  readonly summary: string;
  /** Whether it publishes to Mosquitto. */
  readonly needsBroker: boolean;
  /** Whether it takes so long that it runs only where it is named. */
  readonly isLong?: boolean;
  /** Measures, in files below `bench.folder` and nowhere else. */
  run(bench: Bench): Promise<readonly Figure[]>;
}

/** What a scenario works with. */
export interface Bench {
  /** Smaller numbers and fewer rounds: the shape of the figures, not their value. */
  readonly quick: boolean;
  /** How long what is long should take. */
  readonly minutes: number;
  /** An empty folder on a disk; it is removed afterwards. */
  readonly folder: string;
  /** The URL of a broker on the loopback address. */
  readonly brokerUrl: string;
  /** Starts one more, with settings of its own; resolves with its URL. It is stopped in the end. */
  startBroker(config: readonly string[]): Promise<string>;
  /** Tells whoever waits how far it is. */
  note(progress: string): void;
  /** Keeps how it went over time, which is drawn in place of the figures. */
  plot(course: Course): void;
  /** Says aloud that something is left out, and why; it is kept with the figures. */
  skip(what: string, why: string): void;
}
