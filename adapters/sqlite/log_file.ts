/**
 * The write-ahead log, synced by hand: where the application's commits do not
 * wait for the disk, what they wrote must be there before the world is told.
 *
 * A sync costs no write. SQLite has no locks on this file, so that opening and
 * closing it drops none, unlike the database's own.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";

/** The write-ahead log of one database file. */
export class LogFile {
  readonly #path: string;
  #handle: FileHandle | null = null;

  /** Remembers where the database is; nothing is opened. */
  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Waits until everything in it is on the disk; `false` where files cannot be opened. */
  async sync(): Promise<boolean> {
    const handle = await this.#current();
    await handle?.sync();
    return handle !== null;
  }

  /** Gives the file back; idempotent. */
  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => {});
  }

  /** The log at present: SQLite removes it when nobody is connected, and makes another. */
  async #current(): Promise<FileHandle | null> {
    if (this.#handle !== null && (await this.#handle.stat()).nlink > 0) {
      return this.#handle;
    }
    await this.close();
    try {
      const { open } = await import("node:fs/promises");
      this.#handle = await open(this.#path, "r+");
    } catch {
      this.#handle = null;
    }
    return this.#handle;
  }
}
