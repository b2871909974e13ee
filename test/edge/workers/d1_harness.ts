/**
 * The storage in a D1 database, as the conformance cases see it.
 *
 * @module
 */

import { type D1Answer, d1Storage } from "@mailboat/outbox/d1";
import type { BatchHarness } from "@mailboat/outbox/testing";

/** A statement of D1. */
export interface Prepared {
  bind(...values: readonly unknown[]): Prepared;
  all(): Promise<D1Answer & { readonly meta: Meta }>;
}

/** What a statement cost. */
export interface Meta {
  readonly rows_read: number;
  readonly rows_written: number;
}

/** A database of D1. */
export interface Database {
  prepare(query: string): Prepared;
  batch(
    statements: Prepared[],
  ): Promise<readonly (D1Answer & { readonly meta: Meta })[]>;
}

/** Makes harnesses on one database, one after the other. */
export async function createD1Harness(
  database: Database,
): Promise<BatchHarness<Prepared>> {
  await emptied(database);
  return harnessOn(database);
}

/** Removes every table of ours and of the cases. */
export async function emptied(database: Database): Promise<void> {
  const { results } = await database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'",
  ).all();
  const names = results.map((row) => (row as { readonly name: string }).name);
  await database.batch([
    ...names.map((name) => database.prepare(`DROP TABLE "${name}"`)),
    database.prepare("CREATE TABLE business (id TEXT UNIQUE)"),
  ]);
}

function harnessOn(database: Database): BatchHarness<Prepared> {
  const underway = new Set<Promise<unknown>>();
  return {
    storage: d1Storage(database),
    plainHandle: database,
    batch: async (statements) => {
      const running = database.batch([...statements]);
      underway.add(running);
      await running.finally(() => underway.delete(running));
    },
    rowStatement: (id) =>
      database.prepare("INSERT INTO business (id) VALUES (?)").bind(id),
    rows: async () => {
      const { results } = await database.prepare("SELECT id FROM business")
        .all();
      return results.map((row) => String((row as { id: unknown }).id));
    },
    restart: async () => {
      // What was sent arrives, whether or not its sender lives.
      await Promise.allSettled(underway);
      return harnessOn(database);
    },
    close: () => Promise.resolve(),
  };
}
