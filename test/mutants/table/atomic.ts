/**
 * G1: a message exists if and only if its transaction committed.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which messages come from nowhere, or half. */
export const atomic: readonly Mutation[] = [
  {
    name: "a libSQL client passes for a transaction, and commits by itself",
    file: "adapters/libsql.ts",
    find: "if (!isOne)",
    replace: "if (!isOne && typeof tx?.execute !== 'function')",
    killedBy: ["test/storage/enqueue.test.ts"],
  },
  {
    name: "a drizzle database passes for a transaction, and commits by itself",
    file: "adapters/drizzle.ts",
    find: "if (!isOne)",
    replace: "if (!isOne && typeof tx?.run !== 'function')",
    killedBy: ["test/storage/enqueue.test.ts"],
  },
  {
    name: "a transaction on another outbox is written to",
    file: "adapters/sqlite/enqueueing.ts",
    find: "`EXISTS (SELECT 1 FROM ${tables.relay} WHERE ${row.where})`",
    replace: '"? IS NOT NULL"',
    killedBy: ["test/storage/enqueue.test.ts"],
  },
  {
    name: "a synchronous driver's transaction passes, though it ends before",
    file: "adapters/drizzle/internals.ts",
    find: '=== "sync"',
    replace: '=== "none"',
    killedBy: ["test/storage/enqueue.test.ts"],
  },
  {
    name: "an insert that stored less than it was given is believed",
    file: "adapters/sqlite/enqueueing.ts",
    find: "if (stored === messages.length) return",
    replace: "if (stored >= 0) return",
    killedBy: ["test/storage/enqueue.test.ts"],
  },
  {
    name: "a writer that does not say what it did is believed",
    file: "src/outbox.ts",
    find: "if (Array.isArray(stored) && stored.length === messages.length) {",
    replace:
      "if (!Array.isArray(stored)) stored = messages.map(() => true);\n  if (Array.isArray(stored)) {",
    killedBy: ["test/outbox/sync.test.ts"],
  },
  {
    name: "a settle that wrote nothing passes for a sync of what was read",
    file: "adapters/sqlite/settler.ts",
    find: "if (!inForce) {",
    replace: "this.#isDurable = true;\n    if (!inForce) {",
    killedBy: ["test/storage/make_durable.test.ts"],
  },
  {
    name: "a value in a script is taken for a part of it",
    file: "adapters/libsql/script.ts",
    find: `.replaceAll("'", "''")`,
    replace: "",
    killedBy: ["test/storage/script.test.ts"],
  },
  {
    name: "a message leaves before the change that it tells of is durable",
    file: "src/turn.ts",
    find: "    await tenure.makeDurable(store);\n",
    replace: "",
    killedBy: ["test/relay/durability.test.ts"],
  },
  {
    name: "where the log cannot be opened, nothing is made durable",
    file: "adapters/sqlite/lease.ts",
    find: '["+", "-"].map((sign)',
    replace: '["+ 0 *", "-"].slice(0, 1).map((sign)',
    killedBy: ["test/storage/make_durable.test.ts"],
  },
  {
    name: "a record is new to everyone who looked before it came",
    file: "adapters/sqlite/inbox.ts",
    find: 'ON CONFLICT ("consumer", "source", "id") DO NOTHING',
    replace:
      'ON CONFLICT ("consumer", "source", "id") DO UPDATE SET "accepted_at_ms" = 0',
    killedBy: ["test/conformance/inbox.test.ts"],
  },
  {
    name: "an inbox is looked for in whatever database the transaction is on",
    file: "adapters/sqlite/inbox.ts",
    find: ') AS BLOB) "sighting" FROM ${relay} WHERE ${row.where}`',
    replace: ') AS BLOB) "sighting" FROM ${relay} WHERE true OR ${row.where}`',
    killedBy: ["test/storage/inbox.test.ts"],
  },
  {
    name: "the work of a message that was accepted before is done again",
    file: "src/admission.ts",
    find: "return recorded;",
    replace: "return recorded || sighting.recorded;",
    killedBy: ["test/inbox/accept.test.ts"],
  },
  {
    name: "a transaction of a driver that answers at once is not rolled back",
    file: "adapters/sqlite/sync_driver.ts",
    find: 'if (connection.isTransaction) connection.exec("ROLLBACK");',
    replace: 'if (connection.isTransaction) connection.exec("COMMIT");',
    killedBy: ["test/drivers/drivers.test.ts"],
  },
  {
    name: "work that goes on after its transaction is let pass",
    file: "adapters/sqlite/settled.ts",
    find: 'if (typeof then !== "function") return result;',
    replace: "if (typeof then !== undefined) return result;",
    killedBy: ["test/drivers/drivers.test.ts"],
  },
  {
    name: "a driver that answers at once enqueues outside a transaction",
    file: "adapters/sqlite/sync_storage.ts",
    find: "if (!connection.isTransaction) {",
    replace: "if (!connection) {",
    killedBy: ["test/drivers/drivers.test.ts"],
  },
  {
    name: "a driver that answers at once enqueues into a strange database",
    file: "adapters/sqlite/sync_storage.ts",
    find: "if (connection !== own && connection.file !== own.file) {",
    replace: "if (!connection) {",
    killedBy: ["test/drivers/drivers.test.ts"],
  },
];
