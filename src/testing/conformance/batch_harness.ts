/**
 * The batch harness: what the conformance cases need to know about a database
 * without an interactive transaction. What is written goes there in batches.
 *
 * @module
 */

import type { NewMessage, Storage } from "../../../mod.ts";
import type { StorageHarness } from "./storage_harness.ts";

/** A storage on a database of its own, and the user's side of that database. */
export interface BatchHarness<Statement> {
  /** The storage under test. */
  readonly storage: Storage<never, Statement>;
  /** The database handle that a user would mistake for a transaction. */
  readonly plainHandle: unknown;
  /** Runs statements as one batch: all of them, or none and an error. */
  batch(statements: readonly Statement[]): Promise<void>;
  /** Makes the statement that writes a business row; an id that is there makes it fail. */
  rowStatement(id: string): Statement;
  /** The ids of the committed business rows, in any order. */
  rows(): Promise<readonly string[]>;
  /**
   * Opens the same database as another process finds it after this one was
   * killed just now, in the middle of whatever it was doing; then closes
   * everything of its own.
   */
  restart(): Promise<BatchHarness<Statement>>;
  /** Closes and removes everything. */
  close(): Promise<void>;
}

/** Makes a harness around a new, empty database without an outbox. */
export type CreateBatchHarness<Statement> = () => Promise<
  BatchHarness<Statement>
>;

/** The statements of a batch that is not complete. */
class Collection {
  readonly statements: unknown[] = [];
}

/**
 * The same harness with transactions that collect statements, and run them as
 * one batch at the end.
 */
export function collecting(
  harness: BatchHarness<unknown>,
): StorageHarness<unknown, unknown> {
  const { writer, ...rest } = partsOf(harness.storage);
  const insert = async (tx: unknown, messages: readonly NewMessage[]) => {
    // What is no collection goes where a user would bring it.
    if (!(tx instanceof Collection)) {
      return await writer.insert(tx as never, messages);
    }
    tx.statements.push(...writer.statements(messages));
    return messages.map(() => true);
  };
  return {
    storage: {
      ...rest,
      writer: { insert, statements: (of) => writer.statements(of) },
    },
    plainHandle: harness.plainHandle,
    transaction: async (work) => {
      const collection = new Collection();
      const result = await work(collection);
      const { statements } = collection;
      if (statements.length > 0) await harness.batch(statements);
      return result;
    },
    foreignTransaction: () => Promise.reject(new Error("there is none")),
    writeRow: async (tx, id) => {
      const { statements } = await tx as Collection;
      statements.push(harness.rowStatement(id));
    },
    rows: () => harness.rows(),
    batch: (statements) => harness.batch(statements),
    restart: async () => collecting(await harness.restart()),
    close: () => harness.close(),
  };
}

function partsOf(storage: Storage<never, unknown>): Storage<never, unknown> {
  const { writer } = storage;
  return {
    writer,
    migrate: () => storage.migrate(),
    open: () => storage.open(),
    watch: (onChange) => storage.watch?.(onChange) ?? (() => {}),
  };
}
