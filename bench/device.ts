/**
 * What this process gives to the device.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";

/** Where Linux counts it. */
const COUNTERS = "/proc/self/io";

/** Throws where the kernel does not count. */
export function checkCounted(): void {
  if (existsSync(COUNTERS)) return;
  throw new Error(`Cannot count bytes as this kernel has no ${COUNTERS}`);
}

/** Bytes so far, by the kernel's count of pages made dirty. */
export function writtenBytes(): number {
  const found = /^write_bytes: (\d+)$/m.exec(readFileSync(COUNTERS, "utf8"));
  return Number(found?.[1]);
}
