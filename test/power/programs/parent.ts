/**
 * The process that started this one. None outlives it.
 *
 * @module
 */

import { once } from "node:events";

process.on("disconnect", () => process.exit(1));

/** What this process was started with. */
export function order<Order>(): Order {
  return JSON.parse(process.argv[2] ?? "null") as Order;
}

/** Says something. */
export function tell(message: object): void {
  process.send?.(message);
}

/** Resolves when the parent says something. */
export async function told(): Promise<void> {
  await once(process, "message");
}

/** Lets go, so that nothing but work keeps the process alive. */
export function leave(): void {
  process.removeAllListeners("disconnect");
  process.disconnect();
}
