/**
 * The mutant: a small change of the real code that breaks a guarantee, and
 * the tests that must notice.
 *
 * @module
 */

/** The guarantees, in the order of the promise. */
export const GUARANTEES = [
  "G1",
  "G2",
  "G3",
  "G4",
  "G5",
  "G6",
  "G7",
  "G8",
  "G9",
] as const;

/** One of the guarantees. */
export type Guarantee = typeof GUARANTEES[number];

/** A mutant before its guarantee is known: a row of a table. */
export interface Mutation {
  /** What is broken, in a few words; no two mutants have the same name. */
  readonly name: string;
  /** The file that is changed, from the root. */
  readonly file: string;
  /** A piece of the file, exactly; it stands there once. */
  readonly find: string;
  /** What stands there instead. */
  readonly replace: string;
  /** The test files that must notice, from the root; the quickest first. */
  readonly killedBy: readonly string[];
}

/** One change of the real code. */
export interface Mutant extends Mutation {
  /** What it breaks. */
  readonly guarantee: Guarantee;
}

/**
 * The text of a file after the mutation.
 *
 * @throws {Error} unless what it looks for stands there exactly once.
 */
export function mutated(text: string, mutation: Mutation): string {
  const { name, file, find, replace } = mutation;
  const pieces = text.split(find);
  const [before = "", after = ""] = pieces;
  if (pieces.length === 2) return before + replace + after;
  throw new Error(
    `Cannot mutate ${file} as "${name}" must find its text exactly once: ` +
      `current value is ${pieces.length - 1} times: ${JSON.stringify(find)}`,
  );
}
