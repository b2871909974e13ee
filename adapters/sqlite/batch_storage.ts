/**
 * A storage whose users write in batches, as its database has no transaction
 * with a handle.
 *
 * @module
 */

import { InputError, shorten, type Storage, type Writer } from "../../mod.ts";
import type { SqlStatement } from "./driver.ts";
import { batchOf, ENQUEUEING } from "./enqueueing.ts";
import { type BatchGround, Founded, type SqliteOutbox } from "./foundation.ts";
import { partsOf } from "./parts.ts";

/** What a driver adds that has batches only. */
export interface BatchPort<Statement> {
  /** What its batches are on. */
  readonly ground: BatchGround;
  /** Makes a statement for a batch. */
  readonly statementOf: (statement: SqlStatement) => Statement;
  /** What runs a batch, as its user calls it: `DB.batch()`. */
  readonly batch: string;
}

/** Creates a storage over a driver that has batches only. */
export function batchStorageOver<Statement>(
  outbox: SqliteOutbox,
  { ground, statementOf, batch }: BatchPort<Statement>,
): Storage<never, Statement> {
  const writer: Writer<never, Statement> = {
    insert: (tx) => Promise.reject(withoutTransactions(tx, batch)),
    statements: (messages) =>
      partsOf(ENQUEUEING, messages, ground.maxBytes)
        .flatMap((part) => batchOf(outbox.tables, part))
        .map(statementOf),
  };
  return Object.assign(new Founded({ outbox, batches: ground }), { writer });
}

function withoutTransactions(tx: unknown, batch: string): InputError {
  return new InputError("NOT_A_TRANSACTION", {
    action: ENQUEUEING,
    field: "tx",
    required: "left out, as the database has no transaction with a handle: " +
      `give what outbox.prepare() makes to ${batch}`,
    found: shorten(tx),
  });
}
