/**
 * The write-ahead log, synced by hand: whether or not the application's commits
 * wait for the disk, what they wrote must be there before the world is told.
 *
 * A sync costs no write. SQLite has no locks on this file, so that opening and
 * closing it drops none, unlike the database's own.
 *
 * @module
 */

/** The write-ahead log of one database file. Like the driver, it blocks while the disk works. */
export class LogFile {
  readonly #path: string;
  #fd: number | null = null;

  /** Remembers where the database is; nothing is opened. */
  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Waits until everything in it is on the disk; `false` where files cannot be opened. */
  async sync(): Promise<boolean> {
    const fs = await import("node:fs");
    // SQLite removes it when nobody is connected, and makes another.
    if (this.#fd !== null && fs.fstatSync(this.#fd).nlink === 0) {
      await this.close();
    }
    // Some systems sync only what may be written; some may not write.
    this.#fd ??= opened(fs, this.#path, "r+") ?? opened(fs, this.#path, "r");
    if (this.#fd === null) return false;
    // The time stamps of the file, which a whole sync waits for, are of no use.
    fs.fdatasyncSync(this.#fd);
    return true;
  }

  /** Gives the file back; idempotent. */
  async close(): Promise<void> {
    const { closeSync } = await import("node:fs");
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

function opened(
  { openSync }: typeof import("node:fs"),
  path: string,
  flags: string,
): number | null {
  try {
    return openSync(path, flags);
  } catch {
    return null;
  }
}
