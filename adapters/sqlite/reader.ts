/**
 * The reader: pages of messages, in as few words as their size allows.
 *
 * @module
 */

import { StorageError } from "../../mod.ts";
import type { SqliteDriver, SqlStatement } from "./driver.ts";
import {
  cutPageStatement,
  pageOf,
  pageStatement,
  type ReadPage,
  type Scan,
} from "./pages.ts";
import { fitting } from "./pieces.ts";
import type { Tables } from "./tables.ts";

/** What a reader works on. */
export interface ReaderOptions {
  readonly driver: SqliteDriver;
  readonly tables: Tables;
  /**
   * The most bytes of a value that leaves the database.
   *
   * @default {Infinity}
   */
  readonly maxValueBytes?: number;
}

/** The pages of one store. */
export class Reader {
  readonly #options: ReaderOptions;
  /** Whether the last page was cut where its bytes ended, as the next may have to be. */
  #cuts = false;

  /** Begins with whole pages. */
  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Reads the next page of a scan. */
  read(scan: Scan): Promise<ReadPage> {
    const { maxValueBytes = Infinity } = this.#options;
    const maxBytes = Math.min(scan.maxBytes, maxValueBytes);
    return fitting(
      scan.limit,
      (limit) => this.#read({ ...scan, limit, maxBytes }),
    );
  }

  async #read(scan: Scan): Promise<ReadPage> {
    const whole = this.#cuts ? null : await this.#ask(pageStatement, scan);
    const read = whole ?? await this.#ask(cutPageStatement, scan);
    if (read !== null && (read.page.end || read.page.scannedTo > scan.after)) {
      this.#cuts = read.isCut;
      return read;
    }
    throw new StorageError(
      "STORAGE_FAILED",
      `Cannot read messages beyond ${scan.after} as the database is damaged there`,
    );
  }

  async #ask(
    statementOf: (tables: Tables, scan: Scan) => SqlStatement,
    scan: Scan,
  ): Promise<ReadPage | null> {
    const { driver, tables } = this.#options;
    const [row] = await driver.query(statementOf(tables, scan));
    return pageOf(row, scan);
  }
}
