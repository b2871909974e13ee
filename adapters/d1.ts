/**
 * Storage in a Cloudflare D1 database.
 *
 * @module
 */

import { type Durability, readOptions, type Storage } from "../mod.ts";
import { D1Driver } from "./d1/driver.ts";
import {
  type D1DatabaseLike,
  type D1Statement,
  requireDatabase,
} from "./d1/platform.ts";
import { batchStorageOver } from "./sqlite/batch_storage.ts";
import { ServerOutbox } from "./sqlite/server_outbox.ts";
import type { SqliteStorageOptions } from "./sqlite/storage_options.ts";
import { tablesOf } from "./sqlite/tables.ts";

export type { D1Answer, D1DatabaseLike, D1Statement } from "./d1/platform.ts";
export type { SqliteStorageOptions } from "./sqlite/storage_options.ts";

/** Whose promise it is, for people. */
const DURABILITY: Durability = {
  level: "power-loss",
  detail: "what D1 of Cloudflare answers is stored; " +
    "a local workerd promises what its disk does",
};

/**
 * Creates a storage in a D1 database; nothing is asked before it is used.
 *
 * D1 has no transaction with a handle: `outbox.enqueue` does not compile, and
 * is refused with `NOT_A_TRANSACTION`. `outbox.prepare` makes statements for
 * `DB.batch`, beside those of the business. For the same reason there is no
 * inbox.
 *
 * A message, payload and headers together, has at most 2,000,000 bytes: with
 * more, `prepare` throws `PAYLOAD_TOO_LARGE` before anything is sent.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, what is no database, and a session: it may read what a replica
 * has, which was delivered long ago.
 *
 * @example
 * ```ts
 * const storage = d1Storage(env.DB);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * const { statements } = await outbox.prepare(
 *   meterRead({ meter: "m-1", kwh: 4.2 }),
 * );
 * await env.DB.batch([
 *   env.DB.prepare("INSERT INTO reading VALUES (?, ?)").bind("m-1", 4.2),
 *   ...statements,
 * ]);
 * ```
 */
export function d1Storage<Statement extends D1Statement<Statement>>(
  database: D1DatabaseLike<Statement>,
  options: SqliteStorageOptions = {},
): Storage<never, Statement> {
  const action = "create a storage";
  return readOptions({ action, options }, ({ prefix }) => {
    requireDatabase(action, database);
    const driver = new D1Driver(database);
    const outbox = new ServerOutbox({
      driver,
      tables: tablesOf(prefix),
      durability: () => Promise.resolve(DURABILITY),
      sync: () => Promise.resolve(true),
      maxValueBytes: driver.maxBytes,
    });
    return batchStorageOver<Statement>(outbox, {
      ground: driver,
      statementOf: (statement) => driver.statementOf(statement),
      batch: "DB.batch()",
    });
  });
}
