/**
 * Every storage of a driver that answers at once does what every storage does.
 */

import {
  type NodeSqliteDatabase,
  nodeSqliteStorage,
} from "@mailboat/outbox/node-sqlite";
import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import { describe, test } from "vitest";
import { type SyncDriver, syncHarness } from "./sync_harness.ts";

const PATIENCE_MS = 120_000;

const withoutNodeSqlite = process.getBuiltinModule("node:sqlite") === undefined;
if (withoutNodeSqlite) {
  console.warn(
    `SKIPPED: node:sqlite needs Node 22.16, and this is ${process.version}`,
  );
}

interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => NodeSqliteDatabase & {
    prepare(sql: string): { run(...args: string[]): unknown; all(): unknown[] };
  };
}

type NodeDatabase = InstanceType<NodeSqlite["DatabaseSync"]>;

const nodeSqlite: SyncDriver<NodeDatabase> = {
  open(path) {
    const { DatabaseSync } = process.getBuiltinModule(
      "node:sqlite",
    ) as unknown as NodeSqlite;
    return new DatabaseSync(path);
  },
  isTransaction: (db) => db.isTransaction,
  storage: (db) => nodeSqliteStorage(db),
};

describe.skipIf(withoutNodeSqlite)("node:sqlite on a file", () => {
  casesOf(syncHarness(nodeSqlite));
});

function casesOf(create: ReturnType<typeof syncHarness>): void {
  const lists: readonly (readonly ConformanceCase[])[] = [
    storageConformance({ create }),
    inboxConformance({ create }),
    letterConformance({ create }),
  ];
  for (const { name, run } of lists.flat()) test(name, run, PATIENCE_MS);
}
