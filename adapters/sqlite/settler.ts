/**
 * The settler: records outcomes, in as few words as what it has met allows.
 *
 * @module
 */

import type { Page, Settlement, SettleRequest } from "../../mod.ts";
import type { SqliteDriver } from "./driver.ts";
import { isBusy } from "./errors.ts";
import { touchStatements } from "./lease.ts";
import {
  glanceOf,
  isPlain,
  plainSettleStatements,
  settleStatements,
} from "./settling.ts";
import type { Tables } from "./tables.ts";

/** Where commits are written before they are told of. */
export interface CommitLog {
  /** Waits until everything in it is safe; `false` where there is no way to. */
  sync(): Promise<boolean>;
  /** Gives it back; idempotent. */
  close(): Promise<void>;
}

/** What a settler works on. */
export interface SettlerOptions {
  readonly driver: SqliteDriver;
  readonly tables: Tables;
  readonly log: CommitLog;
}

/** The outcomes of one store. */
export class Settler {
  readonly #options: SettlerOptions;
  /** Rows that were met done; the next settle removes those that are not the newest. */
  readonly #leftovers = new Set<number>();
  /** The highest sequence that was met: the newest row has this one or a higher one. */
  #newestMet = 0;
  /** Whether everything that was read is on the disk. */
  #isDurable = true;

  /** Begins with nothing met. */
  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Takes note of a page, and of the rows met on it that are done. */
  noteRead({ messages, scannedTo }: Page, done: readonly number[]): void {
    for (const seq of done) this.#leftovers.add(seq);
    if (messages.length > 0) this.#isDurable = false;
    this.#newestMet = Math.max(this.#newestMet, scannedTo);
  }

  /** Makes durable what was read, unless a commit has. */
  async makeDurable(): Promise<void> {
    if (this.#isDurable) return;
    const { driver, tables, log } = this.#options;
    // Our commits are durable, and with them everything before.
    if (!(await log.sync())) await driver.transact(touchStatements(tables));
    this.#isDurable = true;
  }

  /** Records outcomes, or names those that the lease did not cover any more. */
  async settle(request: SettleRequest): Promise<Settlement> {
    return await this.#settlesPlainly(request)
      ? { inForce: true, lost: [] }
      : await this.#settle(request);
  }

  /** Whether a few words were enough; otherwise nothing has happened. */
  async #settlesPlainly(request: SettleRequest): Promise<boolean> {
    const { driver, tables } = this.#options;
    const leftovers = [...this.#leftovers];
    const areOlder = [...request.delivered, ...leftovers]
      .every((seq) => seq < this.#newestMet);
    if (!isPlain(request) || !areOlder) return false;
    try {
      await driver.transact(plainSettleStatements(tables, request, leftovers));
    } catch (thrown) {
      if (isBusy(thrown)) throw thrown;
      return false;
    }
    for (const seq of leftovers) this.#leftovers.delete(seq);
    // Rows were removed, so that there was a commit: durable, with everything before.
    this.#isDurable = true;
    return true;
  }

  async #settle(request: SettleRequest): Promise<Settlement> {
    const { driver, tables } = this.#options;
    const { delivered, expired, failed } = request;
    const leftovers = [...this.#leftovers];
    const [rows] = await driver.transact(
      settleStatements(tables, request, leftovers),
    );
    const { inForce, newest } = glanceOf(rows?.[0]);
    if (!inForce) {
      const failures = failed.map(({ seq }) => seq);
      return { inForce, lost: [...delivered, ...expired, ...failures] };
    }
    for (const seq of leftovers) {
      if (seq !== newest) this.#leftovers.delete(seq);
    }
    if (delivered.includes(newest) || expired.includes(newest)) {
      this.#leftovers.add(newest);
    }
    return { inForce, lost: [] };
  }
}
