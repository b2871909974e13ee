/**
 * The test that started this process: its orders, and what it is told.
 *
 * @module
 */

import { once } from "node:events";

/** Says something to the test. */
export function report(report: object): void {
  process.send?.(report);
}

/** Resolves with the next order. Never outlives the test. */
export async function nextOrder<Order>(): Promise<Order> {
  process.removeListener("disconnect", orphaned);
  process.on("disconnect", orphaned);
  const [order] = await once(process, "message");
  return order as Order;
}

/** Lets go of the test, so that nothing but the program's own work keeps it alive. */
export function leave(): void {
  process.removeListener("disconnect", orphaned);
  process.disconnect();
}

function orphaned(): void {
  process.exit(1);
}
