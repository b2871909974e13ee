/**
 * A process that imports one module, the first of its kind.
 *
 * @module
 */

import { orderOf, report } from "../program.ts";

/** What is imported. */
export interface ImportOrder {
  /** A name, or the URL of a file. */
  readonly specifier: string;
}

/** How long it took. */
export interface ImportReport {
  readonly tookMs: number;
}

const { specifier } = orderOf<ImportOrder>();
const beganMs = performance.now();
await import(specifier);
const tookMs = performance.now() - beganMs;
await report({ tookMs } satisfies ImportReport);
