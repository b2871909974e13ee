/**
 * The history of a run in a file, one entry per line, written as it happens.
 *
 * @module
 */

import type { HistoryEntry } from "@mailboat/outbox/testing";
import { once } from "node:events";
import { createWriteStream } from "node:fs";

/** A history that is being written, and what it amounts to so far. */
export class HistoryFile {
  readonly path: string;
  readonly #stream;
  #failure: unknown = null;
  #bytes = 0;

  /** Begins a new file. */
  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path, { flags: "wx" });
    this.#stream.on("error", (error) => this.#failure = error);
  }

  /** How long it has grown. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends an entry. */
  write(entry: HistoryEntry): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.#bytes += line.length;
    this.#stream.write(line);
  }

  /** Resolves when all is written; rejects when it could not be. */
  async close(): Promise<void> {
    if (this.#failure === null) {
      this.#stream.end();
      await once(this.#stream, "close");
    }
    if (this.#failure !== null) {
      throw new Error(`Cannot write the history to ${this.path}`, {
        cause: this.#failure,
      });
    }
  }
}
