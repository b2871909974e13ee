/**
 * Statements for D1: each call is one request, and one transaction.
 *
 * @module
 */

import { decimal } from "../sqlite/decimal.ts";
import {
  cellOf,
  rowOf,
  type SqlCell,
  type SqliteDriver,
  type SqlRow,
  type SqlStatement,
} from "../sqlite/driver.ts";
import type { BatchGround, BoundStatement } from "../sqlite/foundation.ts";
import { WORKERS_VALUE_BYTES } from "../sqlite/parts.ts";
import type { D1Answer, D1DatabaseLike, D1Statement } from "./platform.ts";

/** A driver on the binding of a database, which nothing is opened for. */
export class D1Driver<Statement extends D1Statement<Statement>>
  implements SqliteDriver, BatchGround {
  readonly client: D1DatabaseLike<Statement>;
  readonly maxBytes: number = WORKERS_VALUE_BYTES;

  /** Takes the binding as it is. */
  constructor(database: D1DatabaseLike<Statement>) {
    this.client = database;
  }

  bound(statement: SqlStatement): BoundStatement {
    const { sql, args } = decimal(statement);
    return { sql, args: args.map(exact) };
  }

  prepare(sql: string): Statement {
    return this.client.prepare(sql);
  }

  /** Makes a statement for a batch. */
  statementOf(statement: SqlStatement): Statement {
    const { sql, args } = this.bound(statement);
    const prepared = this.prepare(sql);
    return args.length === 0 ? prepared : prepared.bind(...args);
  }

  async query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return rowsOf(await this.statementOf(statement).all());
  }

  async transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    const made = statements.map((statement) => this.statementOf(statement));
    return (await this.client.batch(made)).map(rowsOf);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** D1 binds the whole buffer behind a view. */
function exact(value: string | Uint8Array | null): unknown {
  return value instanceof Uint8Array ? value.slice().buffer : value;
}

function rowsOf({ results }: D1Answer): SqlRow[] {
  return results.map((row) => rowOf(row, received));
}

/** Bytes come as a list of numbers. */
function received(value: unknown): SqlCell {
  return Array.isArray(value) ? Uint8Array.from(value) : cellOf(value);
}
