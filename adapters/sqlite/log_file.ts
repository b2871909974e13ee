/**
 * The write-ahead log, synced by hand: whether or not the application's commits
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
  /** One call at a time: none may open what another is about to close. */
  #last: Promise<unknown> = Promise.resolve();

  /** Remembers where the database is; nothing is opened. */
  constructor(database: string) {
    this.#path = `${database}-wal`;
  }

  /** Waits until everything in it is on the disk; `false` where files cannot be opened. */
  sync(): Promise<boolean> {
    return this.#next(async () => {
      const handle = await this.#current();
      await handle?.sync();
      return handle !== null;
    });
  }

  /** Gives the file back; idempotent. */
  close(): Promise<void> {
    return this.#next(() => this.#giveBack());
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return result;
  }

  /** The log at present: SQLite removes it when nobody is connected, and makes another. */
  async #current(): Promise<FileHandle | null> {
    if (this.#handle !== null && (await this.#handle.stat()).nlink > 0) {
      return this.#handle;
    }
    await this.#giveBack();
    // Some systems sync only what may be written; some may not write.
    this.#handle = await opened(this.#path, "r+") ??
      await opened(this.#path, "r");
    return this.#handle;
  }

  async #giveBack(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => {});
  }
}

async function opened(
  path: string,
  flags: string,
): Promise<FileHandle | null> {
  try {
    const { open } = await import("node:fs/promises");
    return await open(path, flags);
  } catch {
    return null;
  }
}
