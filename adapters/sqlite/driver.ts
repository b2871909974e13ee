/**
 * The seam between the SQL of this folder and a SQLite driver.
 *
 * @module
 */

/** What is bound to a parameter. Integers are bigints: some drivers bind a number as REAL. */
export type SqlValue = string | bigint | Uint8Array | null;

/** One statement; its parameters are written `?`, and no other `?` occurs in it. */
export interface SqlStatement {
  /** The text. */
  readonly sql: string;
  /** One value for each parameter. */
  readonly args: SqlValue[];
}

/** What a row holds, whatever the driver made of it. */
export type SqlCell = string | number | Uint8Array | null;

/** A row, by column name. */
export type SqlRow = Readonly<Record<string, SqlCell>>;

/** A condition on a row, with a value for each of its parameters. */
export interface SqlCondition {
  /** The expression. */
  readonly where: string;
  /** One value for each parameter. */
  readonly args: readonly SqlValue[];
}

/** What came of a statement on a user's transaction. */
export interface SqlOutcome {
  /** The rows it returned. */
  readonly rows: readonly SqlRow[];
  /** How many rows it changed; not to be relied on when it returns rows. */
  readonly changes: number;
}

/**
 * Work on a transaction: yields statements that need nothing of each other, to
 * be run in their order, and is told what came of the last.
 */
export type Steps<T> = Generator<readonly SqlStatement[], T, SqlOutcome>;

/** A connection of our own to one database. It never waits for a lock. */
export interface SqliteDriver {
  /** Runs one statement that writes nothing, outside a transaction. */
  query(statement: SqlStatement): Promise<readonly SqlRow[]>;
  /** Runs statements in one immediate transaction: all of them, or none and an error. */
  transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]>;
  /**
   * Names the state of the database: it says the same for as long as nobody
   * else commits. Missing where a connection cannot tell.
   */
  version?(): Promise<string>;
  /** Gives the connection back; idempotent, never fails. */
  close(): Promise<void>;
}

/** Asks which version of the database a connection saw last; its own commits count for nothing. */
export const DATA_VERSION: SqlStatement = {
  sql: "PRAGMA data_version",
  args: [],
};

const MAX_INTEGER = 2n ** 63n - 1n;

/** A number as SQLite's integer; what is beyond the range of integers is cut to it. */
export function integer(value: number): bigint {
  if (Math.abs(value) < 2 ** 63) return BigInt(Math.trunc(value));
  return value > 0 ? MAX_INTEGER : -MAX_INTEGER;
}

/** A row of a driver that gives each as an object, by column name. */
export function rowOf(
  row: unknown,
  received: (value: unknown) => SqlCell = cellOf,
): SqlRow {
  return Object.fromEntries(
    Object.entries(row as object)
      .map(([column, value]) => [column, received(value)]),
  );
}

/** Asks where the files of the databases of a connection are. */
export const DATABASE_LIST: SqlStatement = {
  sql: "PRAGMA database_list",
  args: [],
};

/** The file of the main one, behind every link, that {@link DATABASE_LIST} tells of; empty for one in memory. */
export function mainFileOf(rows: readonly SqlRow[]): string {
  return String(rows.find(({ name }) => name === "main")?.["file"] ?? "");
}

/** Makes a value of any driver a {@link SqlCell}. */
export function cellOf(value: unknown): SqlCell {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value as SqlCell;
}
