/**
 * G9: the durability in force is what is reported, and what is sent says what
 * it is.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations that report something else than the truth. */
export const honest: readonly Mutation[] = [
  {
    name: "the durability of the application's commits is left out",
    file: "adapters/sqlite/file_storage.ts",
    find: "levels[Math.min(ours, users ?? ours)]",
    replace: "levels[ours]",
    killedBy: ["test/storage/migration.test.ts"],
  },
  {
    name: "the relay's own commits do not survive a power cut",
    file: "adapters/libsql/driver.ts",
    find: "PRAGMA synchronous = FULL",
    replace: "PRAGMA synchronous = NORMAL",
    killedBy: ["test/storage/migration.test.ts"],
  },
  {
    name: "a database without a write-ahead log is accepted",
    file: "adapters/sqlite/file_storage.ts",
    find: 'if (mode !== "wal") throw notWal(action, String(mode));',
    replace: "",
    killedBy: ["test/storage/migration.test.ts"],
  },
  {
    name: "compressed data does not say that it is",
    file: "src/compressing_codec.ts",
    find: '{ ...message.headers, contentencoding: "gzip" }',
    replace: "{ ...message.headers }",
    killedBy: ["test/wire/compressing_codec.test.ts"],
  },
  {
    name: "a payload is compressed though it grows by it",
    file: "src/compressing_codec.ts",
    find: "compressed / 3 * 4 + DECLARATION_BYTES < plain",
    replace: "compressed > 0 || plain > 0",
    killedBy: ["test/wire/compressing_codec.test.ts"],
  },
];
