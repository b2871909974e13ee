/**
 * G6: outages are weather; no attempt is spent on them and nothing dies.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which an outage does harm. */
export const outages: readonly Mutation[] = [
  {
    name: "an enqueue that met a lock leaves a statement behind",
    file: "adapters/libsql/script.ts",
    find: "if (isBusy(thrown) || isFull(thrown)) throw thrown;",
    replace: "if (isFull(thrown)) throw thrown;",
    killedBy: ["test/storage/script.test.ts"],
  },
  {
    name: "an outage counts as an attempt",
    file: "src/logic/settlement.ts",
    find: 'return { kind: "again" };',
    replace: "return refused(given, { code: 'X', reason: 'x' });",
    killedBy: ["test/logic/settlement.test.ts"],
  },
  {
    name: "a lost connection counts as a refusal",
    file: "src/dispatch.ts",
    find: 'this.#land(flight, { kind: "unknown" });',
    replace:
      'this.#land(flight, { kind: "retry", failure: { code: "LOST", reason: "" } });',
    killedBy: ["test/relay/misbehaviour.test.ts"],
  },
  {
    name: "a send without a connection counts as a refusal",
    file: "adapters/mqtt/connection.ts",
    find: "return Promise.resolve(UNAVAILABLE);",
    replace:
      'return Promise.resolve({ kind: "retry", failure: lost("gone") });',
    killedBy: ["test/transport/sending.test.ts"],
  },
  {
    name: "brokers send a client round and round",
    file: "adapters/mqtt/route.ts",
    find: 'if (this.#redirects === "refuse" || !this.isHome(from))',
    replace: 'if (this.#redirects === "refuse")',
    killedBy: ["test/transport/redirects.test.ts"],
  },
  {
    name: "a detour has no way back",
    file: "adapters/mqtt/route.ts",
    find: "this.#detour = null;\n    return",
    replace: "return",
    killedBy: ["test/transport/redirects.test.ts"],
  },
  {
    name: "tries to connect are not spaced out",
    file: "src/link.ts",
    find: "this.#tries += 1;",
    replace: "this.#tries = 1;",
    killedBy: ["test/relay/connections.test.ts"],
  },
  {
    name: "the lease is renewed while the broker is away",
    file: "src/turn.ts",
    find:
      "return tenure.lanes.queued > 0 && this.#options.link.connection !== null;",
    replace: "return tenure.lanes.queued > 0;",
    killedBy: ["test/relay/outages.test.ts"],
  },
  {
    name: "a database that is locked at the start fails the run",
    file: "src/store_access.ts",
    find: '"STORAGE_READ_ONLY",',
    replace: '"STORAGE_READ_ONLY",\n  "STORAGE_BUSY",',
    killedBy: ["test/relay/store_access.test.ts"],
  },
  {
    name: "a locked database is left alone for as long as a broken one",
    file: "src/store_access.ts",
    find: "...(isBusy && { capMs: BUSY_CAP_MS }),",
    replace: "",
    killedBy: ["test/relay/locked_database.test.ts"],
  },
  {
    name: "a locked database is opened anew",
    file: "src/store_access.ts",
    find: "if (!isBusy) void this.close();",
    replace: "void this.close();",
    killedBy: ["test/relay/store_access.test.ts"],
  },
  {
    name: "a store that failed is used again as it is",
    file: "src/store_access.ts",
    find: "if (!isBusy) void this.close();",
    replace: "",
    killedBy: ["test/relay/store_access.test.ts"],
  },
  {
    name:
      "a store that works again is waited for as if it had never stopped failing",
    file: "src/store_access.ts",
    find: "this.#failures = 0;",
    replace: "",
    killedBy: ["test/relay/store_access.test.ts"],
  },
  {
    name: "a store that failed is not left alone for a while",
    file: "src/store_access.ts",
    find: "if (waitMs > 0) return waitMs;",
    replace: "void waitMs;",
    killedBy: ["test/relay/store_access.test.ts"],
  },
  {
    name: "what was not encoded when the connection ended may have been sent",
    file: "adapters/mqtt/encodings.ts",
    find: 'resolve({ kind: "unavailable" });',
    replace: 'resolve({ kind: "unknown" });',
    killedBy: ["test/transport/codecs.test.ts"],
  },
  {
    name: "a network that ends every connection without a word condemns",
    file: "src/logic/isolation.ts",
    find: "accusations >= SILENT_PROOFS && this.#isWitnessed(suspicion)",
    replace: "accusations >= SILENT_PROOFS",
    killedBy: ["test/relay/isolation.test.ts"],
  },
  {
    name: "missing rights condemn a message",
    file: "src/logic/isolation.ts",
    find: 'if (failure.onceProven === "defer") {',
    replace: "if (false as boolean) {",
    killedBy: ["test/relay/isolation.test.ts"],
  },
  {
    name: "a lock that a consumer meets spoils its connection",
    file: "adapters/libsql/transactions.ts",
    find: 'await tx.executeMultiple("COMMIT; BEGIN IMMEDIATE");',
    replace:
      'await tx.executeMultiple("COMMIT"); await (tx as unknown as { execute(sql: string): Promise<void> }).execute("BEGIN IMMEDIATE");',
    killedBy: ["test/consumer/locked.test.ts"],
  },
  {
    name: "transactions of one process do not wait for each other",
    file: "src/turns.ts",
    find: "const before = this.#last;",
    replace: "const before = Promise.resolve();",
    killedBy: ["test/consumer/turns.test.ts"],
  },
  {
    name: "messages expire while the broker is away",
    file: "src/turn.ts",
    find:
      "if (this.#options.link.connection !== null) this.#expiration.sweep(tenure);",
    replace: "this.#expiration.sweep(tenure);",
    killedBy: ["test/relay/expiry.test.ts"],
  },
];
