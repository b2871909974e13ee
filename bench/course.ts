/**
 * A course: how what was measured went over time.
 *
 * @module
 */

/** Several values at the same times. */
export interface Course {
  /** The times, in minutes from the beginning. */
  readonly minutes: readonly number[];
  /** What happened at the marked times. */
  readonly mark: string;
  /** The marked times, in minutes. */
  readonly marks: readonly number[];
  readonly panels: readonly Panel[];
}

/** What shares a scale. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

/** One value over time. */
export interface Line {
  readonly name: string;
  /** One for each time; `null` where it was not measured. */
  readonly values: readonly (number | null)[];
}
