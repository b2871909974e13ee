/**
 * A commit whose answer is lost is looked up: what `transaction` tells is what
 * happened.
 */

import {
  CommitUnknownError,
  libsqlRemoteTransactions,
} from "@mailboat/outbox/libsql/remote";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Cut } from "../support/server_proxy.ts";
import { withoutSqld } from "../support/sqld.ts";
import { createRemoteRig, type RemoteRig, rowOf } from "./rig.ts";

const ROUNDS = 15;
/** Where the server waits for 5 s before it gives up a transaction of nobody's. */
const SLOW_ROUNDS = 2;
const PATIENCE_MS = 180_000;

type Run = (
  id: string,
  beforeCommit: () => void,
) => Promise<"committed" | "rolled back" | "unknown">;

/** Transactions through the proxy, each told as what it says it was. */
function telling(
  rig: RemoteRig,
  scheme: "http" | "ws",
  options: Parameters<typeof libsqlRemoteTransactions>[1] = {},
): Run {
  const client = rig.throughProxy(scheme);
  const database = libsqlRemoteTransactions(client, options);
  return async function run(id, beforeCommit) {
    try {
      await database.transaction(async (tx) => {
        await tx.execute(rowOf(id));
        beforeCommit();
      });
      return "committed";
    } catch (error) {
      if (error instanceof CommitUnknownError) return "unknown";
      expect(error).toMatchObject({ code: "STORAGE_FAILED" });
      // Cut after the last commit was answered, the connection is still dead.
      if (String(error).includes("Cannot begin")) return run(id, beforeCommit);
      expect(String(error)).toContain("rolled back");
      return "rolled back";
    }
  };
}

/** Each has a server of its own, and most wait until that takes a lock. */
const beside = { concurrent: true };

describe.skipIf(withoutSqld)("a commit whose answer is lost", beside, () => {
  test(
    "as the server was killed meanwhile, is told as it was",
    async (context) => {
      const rig = await createRemoteRig(context);
      const run = telling(rig, "http");
      const random = createSeededRandom(7);
      const claimed: string[] = [];
      let restarted: Promise<void> = Promise.resolve();
      for (let round = 0; round < ROUNDS; round++) {
        const id = `row-${round}`;
        const waitMs = random.fraction() * 12;
        const outcome = await run(id, () => {
          restarted = pause(waitMs)
            .then(() => rig.sqld.kill())
            .then(() => rig.sqld.start());
        });
        await restarted;
        expect(outcome).not.toBe("unknown");
        if (outcome === "committed") claimed.push(id);
      }
      expect(await rig.rows()).toEqual(claimed);
    },
    PATIENCE_MS,
  );

  test("declared rolled back, cannot come late", async (context) => {
    const rig = await createRemoteRig(context);
    const dice = { fraction: () => 0, bytes: (n: number) => new Uint8Array(n) };
    const run = telling(rig, "http", { random: dice });
    expect(await run("lost", () => rig.proxy.cutNext("before")))
      .toBe("rolled back");
    // One that has the same id is the same one, coming late.
    const database = libsqlRemoteTransactions(rig.client, { random: dice });
    await expect(database.transaction(() => Promise.resolve())).rejects
      .toMatchObject({ code: "STORAGE_FAILED" });
    expect(await rig.rows()).toEqual([]);
  }, PATIENCE_MS);

  const told: Record<Cut, readonly string[]> = {
    before: ["rolled back"],
    answered: ["committed"],
    meanwhile: ["committed", "rolled back"],
  };
  for (const scheme of ["http", "ws"] as const) {
    for (const cut of ["before", "meanwhile", "answered"] as const) {
      const isSlow = scheme === "http" && cut === "before";
      // Those that wait leave the others alone with what they say and hear.
      const waits = scheme === "http" && cut !== "answered";
      test(
        `over ${scheme}, cut ${cut}, is told as it was`,
        { timeout: PATIENCE_MS, concurrent: waits },
        async (context) => {
          const rig = await createRemoteRig(context);
          const run = telling(rig, scheme);
          const claimed: string[] = [];
          for (let n = 0; n < (isSlow ? SLOW_ROUNDS : ROUNDS); n++) {
            const id = `row-${n}`;
            const outcome = await run(id, () => rig.proxy.cutNext(cut));
            expect(told[cut]).toContain(outcome);
            if (outcome === "committed") claimed.push(id);
          }
          expect(await rig.rows()).toEqual(claimed);
        },
      );
    }
  }

  test(
    "is told as unknown, with its id, when nobody can be asked",
    // What comes before is answered in time: others would be in its way.
    { timeout: PATIENCE_MS, concurrent: false },
    async (context) => {
      const rig = await createRemoteRig(context);
      const database = libsqlRemoteTransactions(rig.throughProxy(), {
        answerTimeoutMs: 2_000,
        inquiryTimeoutMs: 1_000,
      });
      const error = await database.transaction(async (tx) => {
        await tx.execute(rowOf("row"));
        rig.proxy.cutNext("answered", () => rig.proxy.stall());
      }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CommitUnknownError);
      const { transactionId } = error as CommitUnknownError;
      expect(String(error)).toContain(transactionId);
      const { rows } = await rig.client.execute({
        sql: `SELECT "committed" FROM mailboat_commit WHERE "id" = ?`,
        args: [transactionId],
      });
      expect(rows.map((row) => row[0])).toEqual([1]);
    },
  );
});

test.skipIf(withoutSqld)(
  "a ledger keeps a bounded number of ids",
  async (context) => {
    const rig = await createRemoteRig(context);
    await rig.client.execute(`WITH RECURSIVE n(i) AS (
    SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10020
  ) INSERT INTO mailboat_commit ("id", "committed", "at_s")
  SELECT 'id-' || i, 1, unixepoch() - 901 FROM n`);
    const database = libsqlRemoteTransactions(rig.client);
    const count = async () => {
      await database.transaction(() => Promise.resolve());
      const { rows: [row] } = await rig.client.execute(
        "SELECT count(*) FROM mailboat_commit",
      );
      return Number(row?.[0]);
    };
    expect(await count()).toBe(10_011);
    expect(await count()).toBe(10_002);
    expect(await count()).toBe(10_000);
    expect(await count()).toBe(10_000);
  },
  PATIENCE_MS,
);
