/**
 * The disk under a database: a small file system of its own that can be full,
 * where mounting one is permitted.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIZE = 512 * 2 ** 20;

/** A folder on a disk of its own, or on that of everybody. */
export class Disk {
  readonly folder = mkdtempSync(join(tmpdir(), "mailboat-chaos-disk-"));
  /** Whether it can be made full. */
  readonly isOwn: boolean;

  /** Mounts it, if that is permitted. */
  constructor() {
    this.isOwn = mount(`size=${SIZE}`, this.folder);
  }

  /** Leaves no room for anything more. */
  fill(): void {
    // What is written in between needs a little more room the next time.
    for (let tries = 10; tries > 0; tries--) {
      const { blocks, bfree, bsize } = statfsSync(this.folder);
      if (this.#resize((blocks - bfree) * bsize)) return;
    }
    throw new Error("Cannot fill the disk");
  }

  /** Makes room again. */
  relieve(): void {
    if (!this.#resize(SIZE)) throw new Error("Cannot make room on the disk");
  }

  /** Removes it with all that is on it. */
  close(): void {
    if (this.isOwn) {
      // Lazily: a process that was killed a moment ago may still be on it.
      execFileSync("umount", ["--lazy", this.folder]);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #resize(bytes: number): boolean {
    return mount(`remount,size=${bytes}`, this.folder);
  }
}

function mount(options: string, folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
