/**
 * The tail: what is known to lie behind the last message, so that a relay that
 * is told of its own commits need not look for messages there.
 *
 * @module
 */

import type { Page } from "../../mod.ts";
import type { SqliteDriver } from "./driver.ts";

/** The end of the table, for as long as nobody else commits. */
export class Tail {
  readonly #driver: SqliteDriver;
  /** Behind it a read found nothing. */
  #end = Infinity;
  /** The version that was there before that read. */
  #version: string | null = null;

  /** Begins with nothing known. */
  constructor(driver: SqliteDriver) {
    this.#driver = driver;
  }

  /** Whether nothing lies beyond a sequence; false where a read must find out. */
  async isReached(after: number): Promise<boolean> {
    if (after < this.#end || !this.#driver.version) return false;
    const version = await this.#driver.version();
    if (version === this.#version) return true;
    this.#version = version;
    return false;
  }

  /** Takes note of what a read of all lanes found. */
  noteRead({ end, scannedTo }: Page): void {
    this.#end = end ? scannedTo : Infinity;
  }
}
