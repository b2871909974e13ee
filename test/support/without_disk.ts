/**
 * Where files never wait for a disk.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * A folder in memory, if there is one: what others do to the disk is then no
 * part of a measurement.
 */
export function withoutDisk(): string {
  return existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
}
