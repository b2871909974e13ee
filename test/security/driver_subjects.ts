/**
 * The storages and transactions of drivers that answer at once, as something to
 * call with hostile arguments.
 *
 * @module
 */

import {
  betterSqlite3Storage,
  betterSqlite3Transactions,
} from "@mailboat/outbox/better-sqlite3";
import {
  bunSqliteStorage,
  bunSqliteTransactions,
} from "@mailboat/outbox/bun-sqlite";
import {
  nodeSqliteStorage,
  nodeSqliteTransactions,
} from "@mailboat/outbox/node-sqlite";
import { loose, mutated } from "./hostile_arguments.ts";
import { hostileValue } from "./hostile_values.ts";
import type { Subject } from "./subjects.ts";

const storages = {
  nodeSqliteStorage,
  betterSqlite3Storage,
  bunSqliteStorage,
};

const transactions = {
  nodeSqliteTransactions,
  betterSqlite3Transactions,
  bunSqliteTransactions,
};

/** What looks like a database of one of them. */
const DATABASE = [
  "isTransaction",
  "inTransaction",
  "prepare",
  "pragma",
  "clearQueryCache",
];

/** Each by its name. */
export function driverSubjects(): [string, Subject][] {
  return [
    ...Object.entries(storages).map(([name, create]): [string, Subject] => [
      name,
      (random) =>
        loose(create)(
          random.chance(0.3)
            ? "/nowhere/app.db"
            : random.chance(0.5)
            ? mutated(random, {}, DATABASE)
            : hostileValue(random),
          mutated(random, {}, ["prefix"]),
        ),
    ]),
    ...Object.entries(transactions).map(([name, create]): [string, Subject] => [
      name,
      (random) =>
        loose(create)(
          random.chance(0.5) ? "/nowhere/app.db" : hostileValue(random),
          mutated(random, {}, ["beginTimeoutMs", "clock", "random"]),
        ),
    ]),
  ];
}
