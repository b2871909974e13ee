/**
 * Entering WAL mode: of several at once SQLite refuses all but one, so that the
 * others try again.
 */

import { expect, test } from "vitest";
import { enterWal } from "../../adapters/sqlite/wal_mode.ts";

const busy = Object.assign(new Error("locked"), { code: "SQLITE_BUSY" });
const full = Object.assign(new Error("full"), { code: "SQLITE_FULL" });

/** A connection whose calls fail as they are listed, and then succeed. */
function connectionOf(failures: readonly Error[], promises: boolean) {
  const left = [...failures];
  const calls: string[] = [];
  const call = (name: string, failure?: Error) => {
    calls.push(name);
    if (!promises && failure !== undefined) throw failure;
    if (promises) {
      return failure === undefined
        ? Promise.resolve()
        : Promise.reject(failure);
    }
  };
  return {
    calls,
    exec: (sql: string) => call(sql, left.shift()),
    takeLock: () => call("lock"),
  };
}

const SET = "PRAGMA journal_mode = WAL";

test.each([
  ["answers at once", false],
  ["promises its answers", true],
])(
  "waits for the lock while it is refused, by a driver that %s",
  async (_, promises) => {
    const connection = connectionOf([busy, busy], promises);
    await enterWal(connection);
    expect(connection.calls).toEqual([SET, "lock", SET, "lock", SET]);
  },
);

test.each([
  ["answers at once", false],
  ["promises its answers", true],
])("passes on what is no lock, from a driver that %s", async (_, promises) => {
  const connection = connectionOf([busy, full], promises);
  await expect(enterWal(connection)).rejects.toBe(full);
  expect(connection.calls).toEqual([SET, "lock", SET]);
});

test("gives up after a hundred times", async () => {
  const connection = connectionOf(Array(1_000).fill(busy), true);
  await expect(enterWal(connection)).rejects.toBe(busy);
  expect(connection.calls.filter((call) => call === SET)).toHaveLength(100);
});
