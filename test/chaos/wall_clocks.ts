/**
 * Wall clocks that jump: libfaketime, in the environment of a process. The
 * monotonic clock stays as it is.
 *
 * @module
 */

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LIBRARY = "faketime/libfaketimeMT.so.1";

/** Finds the library, or nothing. */
export function findFakeTime(): string | undefined {
  const folders = ["/usr/lib", "/usr/local/lib"].flatMap((folder) =>
    existsSync(folder)
      ? [folder, ...readdirSync(folder).map((name) => join(folder, name))]
      : []
  );
  return folders.map((folder) => join(folder, LIBRARY)).find(existsSync);
}

/** The clocks of some processes. */
export class WallClocks {
  readonly #folder = mkdtempSync(join(tmpdir(), "mailboat-chaos-clocks-"));
  readonly #library: string | undefined = findFakeTime();
  /** Whose they are. */
  readonly names: readonly string[];

  /** Begins with the right time for everybody. */
  constructor(names: readonly string[]) {
    this.names = names;
    this.heal();
  }

  /** Whether they can jump. */
  get canJump(): boolean {
    return this.#library !== undefined;
  }

  /** What a process needs in its environment to have a clock of its own. */
  envOf(name: string): Record<string, string> {
    if (this.#library === undefined) return {};
    return {
      LD_PRELOAD: this.#library,
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_TIMESTAMP_FILE: join(this.#folder, name),
      FAKETIME_NO_CACHE: "1",
    };
  }

  /** Sets one off by so many seconds. */
  jump(name: string, seconds: number): void {
    const offset = seconds < 0 ? String(seconds) : `+${seconds}`;
    writeFileSync(join(this.#folder, name), offset);
  }

  /** Sets all right. */
  heal(): void {
    for (const name of this.names) this.jump(name, 0);
  }

  /** Removes what a killed process left behind of its clock. */
  static bury(pid: number): void {
    for (const left of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
      rmSync(join("/dev/shm", left), { force: true });
    }
  }

  /** Removes everything. */
  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
