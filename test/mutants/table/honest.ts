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
    name: "a commit whose answer is lost is taken for a rollback",
    file: "adapters/libsql/remote_transactions.ts",
    find: "if (await wasCommitted(server, id)) return;",
    replace: "",
    killedBy: ["test/remote/lost_commit.test.ts"],
  },
  {
    name: "a commit whose answer is lost is taken for done",
    file: "adapters/libsql/remote_transactions.ts",
    find: "if (await wasCommitted(server, id)) return;",
    replace: "if (await wasCommitted(server, id) || true) return;",
    killedBy: ["test/remote/lost_commit.test.ts"],
  },
  {
    name: "a commit that was declared rolled back may come late",
    file: "adapters/libsql/commit_ledger.ts",
    find: `  return [entry(ledger, id, 1, ""), removal(ledger)];`,
    replace:
      `  return [entry(ledger, id, 1, \`ON CONFLICT ("id") DO NOTHING\`), removal(ledger)];`,
    killedBy: ["test/remote/lost_commit.test.ts"],
  },
  {
    name: "a database on a network file system is taken",
    file: "adapters/sqlite/file_outbox.ts",
    find: "await requireLocal(action, path);",
    replace: "",
    killedBy: ["test/storage/network_file_system.test.ts"],
  },
  {
    name: "the durability of the application's commits is left out",
    file: "adapters/sqlite/file_outbox.ts",
    find: "survivedAt(Math.min(ours, users ?? ours))",
    replace: "survivedAt(ours)",
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
    file: "adapters/sqlite/file_outbox.ts",
    find: 'if (mode !== "wal") throw notWal(action, String(mode));',
    replace: "",
    killedBy: ["test/storage/migration.test.ts"],
  },
  {
    name: "whether a certificate is verified is left to the environment",
    file: "adapters/mqtt/tls_session.ts",
    find: "      rejectUnauthorized: verifies,\n",
    replace: "      ...(verifies ? {} : { rejectUnauthorized: false }),\n",
    killedBy: ["test/transport/tls.test.ts"],
  },
  {
    name: "any host's certificate is accepted",
    file: "adapters/mqtt/tls_session.ts",
    find: "return checkServerIdentity(host, certificate);",
    replace:
      'return host === "" ? checkServerIdentity(host, certificate) : undefined;',
    killedBy: ["test/transport/tls.test.ts"],
  },
  {
    name: "a connection that is not verified carries no warning",
    file: "adapters/mqtt/tls_session.ts",
    find: "...(verifies ? [] : [UNVERIFIED]),",
    replace: "...(verifies ? [UNVERIFIED] : []).slice(1),",
    killedBy: ["test/transport/tls.test.ts"],
  },
  {
    name: "a certificate is reported only once it has expired",
    file: "adapters/mqtt/tls_session.ts",
    find: "if (leftMs > warningMs) return [];",
    replace: "if (leftMs > 0 * warningMs) return [];",
    killedBy: ["test/transport/tls.test.ts"],
  },
  {
    name: "a key of another certificate is accepted",
    file: "adapters/mqtt/tls_material.ts",
    find: "if (!own.checkPrivateKey(privateKeyOf(key, passphrase))) {",
    replace:
      "if (!own.checkPrivateKey(privateKeyOf(key, passphrase)) && !key) {",
    killedBy: ["test/transport/tls_options.test.ts"],
  },
  {
    name: "certificates that a provider renews are not taken",
    file: "adapters/mqtt/tls_material.ts",
    find: "if (given === undefined) return fixed;",
    replace: "if (given === undefined || fixed) return fixed;",
    killedBy: ["test/transport/tls.test.ts"],
  },
  {
    name: "secure WebSockets go without what the options of TLS say",
    file: "adapters/mqtt/dial.ts",
    find: "return { wsOptions: tls.options as",
    replace: "return { wsOptions: {} as",
    killedBy: ["test/transport/tls.test.ts"],
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
  {
    name:
      "bytes where text belongs take their whole page with them, if there are none",
    file: "adapters/sqlite/cells.ts",
    find: ">= x''",
    replace: "> x''",
    killedBy: ["test/storage/round_trip.test.ts"],
  },
  {
    name: "a message that nobody counted passes for one without a position",
    file: "adapters/sqlite/message_row.ts",
    find: "position === null || positionOf(position) !== null,",
    replace: "position === null || positionOf(position) !== undefined,",
    killedBy: ["test/security/damaged_row.test.ts"],
  },
  {
    name: "of a header that repeats the last one wins",
    file: "src/logic/headers.ts",
    find: "if (seen.has(name)) throw repeated(action, name);",
    replace: "",
    killedBy: ["test/logic/headers.test.ts"],
  },
  {
    name: "a trace of zeros is taken for one",
    file: "src/logic/trace_context.ts",
    find: "(?!0{32})",
    replace: "",
    killedBy: ["test/logic/trace_context.test.ts"],
  },
  {
    name: "what is too old is sent when many expire",
    file: "src/turn.ts",
    find: "if (!this.#expiration.sweep(tenure)) return;",
    replace: "this.#expiration.sweep(tenure);",
    killedBy: ["test/relay/expiry.test.ts"],
  },
  {
    name: "what remains of a message's life is not told",
    file: "src/dispatch.ts",
    find: "(flight.message, flight.terms)",
    replace: "(flight.message)",
    killedBy: ["test/relay/expiry.test.ts"],
  },
  {
    name: "a message expires at the broker before its time",
    file: "adapters/mqtt/publication.ts",
    find: "Math.ceil(remainingMs / 1_000)",
    replace: "Math.floor(remainingMs / 1_000)",
    killedBy: ["test/transport/expiry.test.ts"],
  },
];
