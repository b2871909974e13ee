/**
 * A case of a conformance list: one behaviour that every adapter has.
 *
 * @module
 */

/** One behaviour, for any test runner: `for (const { name, run } of cases) test(name, run)`. */
export interface ConformanceCase {
  /** The behaviour; unique in its list. */
  readonly name: string;
  /** Resolves when the adapter behaves so; rejects with what it did instead. */
  readonly run: () => Promise<void>;
}
