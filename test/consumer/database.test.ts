/**
 * The consumer and its database, which may be busy, away, or in doubt.
 */

import { createMemoryStorage } from "@mailboat/outbox/testing";
import { describe, expect, it } from "vitest";
import { consumerRig, reading } from "./consumer_rig.ts";

const HOUR_MS = 3_600_000;

/** A database that begins, and does what it is told on the way. */
async function database(
  around: (transaction: () => Promise<unknown>) => Promise<unknown>,
) {
  const storage = createMemoryStorage();
  await storage.migrate();
  return {
    storage,
    database: {
      takesTurns: true,
      transaction: (work: Parameters<typeof storage.transaction>[0]) =>
        around(() => storage.transaction(work as never)),
    } as typeof storage,
  };
}

function failing(code: string): Error {
  const cause = Object.assign(new Error("Not now"), { code });
  return new Error("Cannot write", { cause });
}

describe("a failure that is nobody's fault", () => {
  it.each(["SQLITE_BUSY", "SQLITE_FULL", "STORAGE_BUSY", "SQLITE_IOERR_WRITE"])(
    "costs no attempt: %s",
    async (code) => {
      let times = 20;
      const rig = await consumerRig({
        maxAttempts: 2,
        handler: (tx, { id }) => {
          if (times-- > 0) throw failing(code);
          tx.put("reading", id, {});
        },
      });
      rig.subscriber.publish(reading("a", 1));
      await rig.pass(HOUR_MS);
      expect(rig.storage.rows("reading").size).toBe(1);
      expect(await rig.consumer.letters()).toEqual([]);
    },
  );

  it("is one of a transaction that does not begin, whatever its code", async () => {
    let times = 20;
    const { storage, database: unready } = await database((transaction) => {
      if (times-- > 0) throw failing("CLIENT_CLOSED");
      return transaction();
    });
    const rig = await consumerRig({
      maxAttempts: 2,
      storage,
      database: unready,
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass(HOUR_MS);
    expect(rig.written).toEqual(["a 1"]);
    expect(rig.consumer.status().counters.setAside).toBe(0);
  });

  it("is waited for longer and longer", async () => {
    const rig = await consumerRig({
      handler: () => {
        throw failing("SQLITE_BUSY");
      },
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass(HOUR_MS);
    expect(rig.consumer.status().counters.failed).toBeLessThan(500);
  });

  it("is not one that only sounds like it", async () => {
    const rig = await consumerRig({
      handler: () => {
        throw failing("ACCOUNT_LOCKED");
      },
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass(HOUR_MS);
    expect(rig.consumer.status().counters.setAside).toBe(1);
  });
});

describe("transactions", () => {
  it("that take no turns are refused", async () => {
    const storage = createMemoryStorage();
    const transaction = () => Promise.resolve();
    for (const bare of [{ transaction }, { transaction, takesTurns: false }]) {
      await expect(consumerRig({ storage, database: bare as never })).rejects
        .toMatchObject({ code: "INVALID_OPTION", field: "database" });
    }
  });

  it("are one at a time, also when an operator looks at letters", async () => {
    let [open, most] = [0, 0];
    const { storage, database: watched } = await database(
      async (transaction) => {
        most = Math.max(most, ++open);
        try {
          return await transaction();
        } finally {
          open -= 1;
        }
      },
    );
    const release: (() => void)[] = [];
    const rig = await consumerRig({
      storage,
      database: watched,
      handler: () => new Promise<void>((resolve) => release.push(resolve)),
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass();
    const asked = [rig.consumer.letters(), rig.consumer.discard(1)];
    await rig.pass();
    expect(open).toBe(1);
    release[0]!();
    await rig.pass();
    await Promise.all(asked);
    expect(most).toBe(1);
  });

  it("set nothing aside that was committed though the commit failed", async () => {
    const { storage, database: doubtful } = await database(
      async (transaction) => {
        await transaction();
        if (doubtfulCommits-- > 0) throw new Error("The answer was lost");
      },
    );
    let doubtfulCommits = 1;
    const rig = await consumerRig({
      maxAttempts: 1,
      storage,
      database: doubtful,
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass(HOUR_MS);
    expect(rig.written).toEqual(["a 1"]);
    expect(rig.consumer.status().counters)
      .toMatchObject({ duplicates: 1, setAside: 0 });
    expect(await rig.consumer.letters()).toEqual([]);
    expect(rig.subscriber.waiting).toEqual([]);
  });
});
