/**
 * A case of a conformance list: one behaviour that every adapter has.
 *
 * @module
 */

/**
 * One behaviour, for any test runner.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const cases: readonly ConformanceCase[];
 * for (const { name, run } of cases) test(name, run);
 * ```
 */
export interface ConformanceCase {
  /** The behaviour; unique in its list. */
  readonly name: string;
  /** Resolves when the adapter behaves so; rejects with what it did instead. */
  readonly run: () => Promise<void>;
}
