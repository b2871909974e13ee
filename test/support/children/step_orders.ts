/**
 * What a stepwise writer is told, after the path of its database; it answers
 * each order when it is done.
 *
 * @module
 */

/** One step. */
export type StepOrder =
  | { readonly step: "set clock"; readonly offsetMs: number }
  | { readonly step: "begin"; readonly mode: "write" | "deferred" }
  | { readonly step: "write"; readonly key: string; readonly n: number }
  | { readonly step: "commit" }
  | "end";
