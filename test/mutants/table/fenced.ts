/**
 * G4: one relay at a time; one that lost its lease changes nothing.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which two relays work at once. */
export const fenced: readonly Mutation[] = [
  {
    name: "a settle skips the fence",
    file: "adapters/sqlite/settling.ts",
    find: 'AND "epoch" = ? AND "owner" = ?)',
    replace: 'AND (true OR "epoch" = ? AND "owner" = ?))',
    killedBy: ["test/storage/settling.test.ts"],
  },
  {
    name: "a settle in few words is believed, though no message went",
    file: "adapters/sqlite/settling.ts",
    find: "SELECT NULL WHERE changes() <> ?",
    replace: "SELECT NULL WHERE changes() > ?",
    killedBy: ["test/storage/settling.test.ts"],
  },
  {
    name: "a relay does not heed that its settle was refused",
    file: "src/tenure.ts",
    find: "return inForce;",
    replace: "return inForce || true;",
    killedBy: ["test/relay/leases.test.ts"],
  },
  {
    name: "a lease is taken without waiting",
    file: "src/logic/lease.ts",
    find: "return Math.max(0, lapsesAtMs - nowMs, patienceEndsMs - nowMs);",
    replace: "return Math.min(0, lapsesAtMs, patienceEndsMs);",
    killedBy: ["test/logic/lease.test.ts"],
  },
  {
    name: "the lease is not renewed while there is work",
    file: "src/turn.ts",
    find: "return tenure.renewalInMs === 0 && this.#needsLease(tenure);",
    replace: "return false;",
    killedBy: ["test/relay/leases.test.ts"],
  },
  {
    name: "a relay sends on after its lease has lapsed",
    file: "src/turn.ts",
    find: "if (tenure.validForMs <= 0) return;",
    replace: "",
    killedBy: ["test/relay/leases.test.ts"],
  },
  {
    name: "a lease is taken without comparing",
    file: "adapters/sqlite/lease.ts",
    find: '"epoch" = ? AND "beat" = ? RETURNING',
    replace: '(true OR "epoch" = ? AND "beat" = ?) RETURNING',
    killedBy: ["test/storage/reference.test.ts"],
  },
  {
    name: "the epoch does not rise with a new owner",
    file: "adapters/sqlite/lease.ts",
    find: '"epoch" = "epoch" + ("owner" IS NOT ?)',
    replace: '"epoch" = "epoch" + 0 * ("owner" IS NOT ?)',
    killedBy: ["test/storage/reference.test.ts"],
  },
  {
    name: "a lease is judged by the wall clock",
    file: "src/standby.ts",
    find: "const nowMs = clock.monotonicMs();",
    replace: "const nowMs = clock.nowMs();",
    killedBy: ["test/relay/leases.test.ts"],
  },
  {
    name: "a lease counts from the answer to its renewal",
    file: "src/tenure.ts",
    find: "this.#renewedMs = askedMs;",
    replace: "this.#renewedMs = this.#options.clock.monotonicMs();",
    killedBy: ["test/relay/leases.test.ts"],
  },
  {
    name: "a relay that was replaced during an outage connects before it looks",
    file: "src/shift.ts",
    find: "const mayBeReplaced = tenure.validForMs <= 0 && this.link.isDue;",
    replace: "const mayBeReplaced = false;",
    killedBy: ["test/relay/leases.test.ts"],
  },
];
