/**
 * Integers for platforms that have one kind of number: they bind it as REAL,
 * and refuse a bigint.
 *
 * @module
 */

import type { SqlStatement } from "./driver.ts";

/** What is bound where integers cannot be. */
export type DecimalValue = string | Uint8Array | null;

/** A statement without integers among its values. */
export interface DecimalStatement {
  /** The text. */
  readonly sql: string;
  /** One value for each parameter. */
  readonly args: DecimalValue[];
}

/** Binds integers as decimal text, which SQLite makes integers again. */
export function decimal({ sql, args }: SqlStatement): DecimalStatement {
  if (!args.some((value) => typeof value === "bigint")) {
    return { sql, args: args as DecimalValue[] };
  }
  let at = 0;
  return {
    sql: sql.replaceAll(
      "?",
      () => typeof args[at++] === "bigint" ? "CAST(? AS INTEGER)" : "?",
    ),
    args: args.map((value) => typeof value === "bigint" ? `${value}` : value),
  };
}
