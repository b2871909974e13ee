/**
 * The seam between the SQL of this folder and a driver that answers at once.
 *
 * @module
 */

import {
  DATABASE_LIST,
  mainFileOf,
  rowOf,
  type SqlOutcome,
  type SqlStatement,
} from "./driver.ts";

/** A statement that a driver has prepared. */
export interface PreparedStatement {
  /** Runs it for the rows that it returns. */
  all(...args: SqlStatement["args"]): readonly unknown[];
  /** Runs it for its effect. */
  run(...args: SqlStatement["args"]): { readonly changes: number | bigint };
}

/** What is asked of a database of a driver. */
export interface SyncDatabase {
  /** Whether a transaction is open on it. */
  readonly isTransaction: boolean;
  /** Prepares a statement that reads every integer: beyond 2^53 as a bigint or rounded. */
  prepare(sql: string): PreparedStatement;
  /** Closes it, with what was prepared on it. */
  close(): void;
}

/** The texts are few: what goes beyond them is prepared anew. */
const MAX_PREPARED = 64;

/** A connection, with the statements that were prepared on it. */
export class SyncConnection {
  readonly #database: SyncDatabase;
  readonly #prepared = new Map<string, PreparedStatement>();
  #file: string | null = null;
  #isClosed = false;

  /** Takes a database as it is. */
  constructor(database: SyncDatabase) {
    this.#database = database;
  }

  /** Whether a transaction is open on it. */
  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Where its database is, as SQLite says; empty for one in memory. */
  get file(): string {
    this.#file ??= mainFileOf(this.run(DATABASE_LIST).rows);
    return this.#file;
  }

  /** Runs one statement. */
  run(statement: SqlStatement): SqlOutcome {
    const { sql, args } = statement;
    const prepared = this.#prepare(sql);
    if (!returnsRows(statement)) {
      return { rows: [], changes: Number(prepared.run(...args).changes) };
    }
    const rows = prepared.all(...args).map((row) => rowOf(row));
    return { rows, changes: rows.length };
  }

  /** Runs one statement that is always the same, for its effect. */
  exec(sql: string): void {
    this.#prepare(sql).run();
  }

  /** Gives it back; idempotent. */
  close(): void {
    this.#prepared.clear();
    if (!this.#isClosed) this.#database.close();
    this.#isClosed = true;
  }

  #prepare(sql: string): PreparedStatement {
    const known = this.#prepared.get(sql);
    if (known !== undefined) return known;
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size >= MAX_PREPARED && oldest !== undefined) {
      this.#prepared.delete(oldest);
    }
    const statement = this.#database.prepare(sql);
    this.#prepared.set(sql, statement);
    return statement;
  }
}

/** Whether a statement of this folder returns rows: drivers run the others in another way. */
export function returnsRows({ sql }: SqlStatement): boolean {
  return RETURNS_ROWS.test(sql);
}

const RETURNS_ROWS = /^\s*(?:SELECT|WITH|PRAGMA)\b|\bRETURNING\b/;
