/**
 * A D1 database that counts what it is asked.
 *
 * @module
 */

import type { Database, Meta, Prepared } from "./d1_harness.ts";

/** What was asked so far. */
export interface Cost {
  requests: number;
  rowsRead: number;
  rowsWritten: number;
}

/** Counts the requests to a database. */
export function metered(database: Database, cost: Cost): Database {
  const originals = new WeakMap<object, Prepared>();
  const count = (meta: Meta) => {
    cost.rowsRead += meta.rows_read;
    cost.rowsWritten += meta.rows_written;
  };
  const wrapped = (prepared: Prepared): Prepared => {
    const one: Prepared = {
      bind: (...values) => wrapped(prepared.bind(...values)),
      all: async () => {
        cost.requests++;
        const answer = await prepared.all();
        count(answer.meta);
        return answer;
      },
    };
    originals.set(one, prepared);
    return one;
  };
  return {
    prepare: (query) => wrapped(database.prepare(query)),
    batch: async (statements) => {
      cost.requests++;
      const answers = await database.batch(
        statements.map((one) => originals.get(one)!),
      );
      answers.forEach(({ meta }) => count(meta));
      return answers;
    },
  };
}
