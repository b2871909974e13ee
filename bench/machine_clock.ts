/**
 * One clock for all processes of the machine.
 *
 * @module
 */

import process from "node:process";

/** Time since the machine started, in ms; no process has its own, and nobody sets it. */
export function machineClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
