/**
 * The inbox in a file: what it writes, where it refuses to, and what it makes
 * of values that somebody else has changed.
 */

import { createInbox, type InboxEvent } from "@mailboat/outbox";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adapters, createRig, openClient, temporaryFolder } from "./rig.ts";

const at = (position: number, id = `m-${position}`) => ({
  source: "/gateway",
  id,
  key: "m-1",
  position,
  seq: position * 10,
});

describe.each(adapters)("the inbox with $name", (adapter) => {
  test("accepts a message once, also under another name of the same database", async () => {
    const rig = await createRig(adapter);
    const again = await openClient(rig.path);
    const accepted = [];
    for (const side of [rig, adapter.over(again), rig]) {
      const inbox = createInbox({ storage: side.storage, consumer: "billing" });
      accepted.push(
        await side.within(async (tx) => {
          await side.note(tx, "worked");
          return await inbox.accept(tx, at(1));
        }),
      );
    }
    expect(accepted).toEqual([true, false, false]);
  });

  test("forgets what rolled back", async () => {
    const rig = await createRig(adapter);
    const inbox = createInbox({ storage: rig.storage, consumer: "billing" });
    const undone = new Error("undone");
    await expect(rig.within(async (tx) => {
      expect(await inbox.accept(tx, at(1))).toBe(true);
      expect(await inbox.accept(tx, at(1))).toBe(false);
      throw undone;
    })).rejects.toBe(undone);
    for (const expected of [true, false]) {
      expect(await rig.within((tx) => inbox.accept(tx, at(1)))).toBe(expected);
    }
  });

  test("refuses what is no transaction of this database", async () => {
    const rig = await createRig(adapter);
    const other = await createRig(adapter);
    const client = await openClient(join(temporaryFolder(), "bare.db"));
    const bare = adapter.over(client);
    const inbox = createInbox({ storage: rig.storage, consumer: "billing" });
    const refused = (work: Promise<unknown>, code: string) =>
      expect(work).rejects.toMatchObject({ name: "InputError", code });

    await refused(inbox.accept(rig.plain, at(1)), "NOT_A_TRANSACTION");
    await refused(inbox.accept(null as never, at(1)), "NOT_A_TRANSACTION");
    for (const side of [other, bare]) {
      await side.within((tx) =>
        refused(inbox.accept(tx, at(1)), "FOREIGN_TRANSACTION")
      );
    }
    let leaked!: never;
    await rig.within((tx) => Promise.resolve(void (leaked = tx)));
    await refused(inbox.accept(leaked, at(1)), "TRANSACTION_FINISHED");
    expect(await rig.column("SELECT count(*) FROM mailboat_inbox"))
      .toEqual([0]);
    expect(await other.column("SELECT count(*) FROM mailboat_inbox"))
      .toEqual([0]);
  });

  test("tells of gaps, and remembers keys across clients", async () => {
    const rig = await createRig(adapter);
    const events: InboxEvent[] = [];
    for (const position of [1, 2, 5, 3]) {
      const side = adapter.over(await openClient(rig.path));
      const inbox = createInbox({
        storage: side.storage,
        consumer: "billing",
        observe: (event) => events.push(event),
      });
      await side.within((tx) => inbox.accept(tx, at(position)));
    }
    const message = { consumer: "billing", source: "/gateway", key: "m-1" };
    expect(events).toEqual([
      {
        type: "inbox.gap",
        message: { ...message, id: "m-5" },
        expected: 3,
        found: 5,
        missing: 2,
      },
      {
        type: "inbox.reordered",
        message: { ...message, id: "m-3" },
        by: "position",
        last: 5,
        found: 3,
      },
    ]);
  });

  test("has accepted nothing when something before the record fails", async () => {
    const rig = await createRig(adapter);
    await rig.client.execute(
      `CREATE TRIGGER spoiler BEFORE INSERT ON mailboat_inbox_lane
BEGIN SELECT RAISE(FAIL, 'spoiled'); END`,
    );
    const inbox = createInbox({ storage: rig.storage, consumer: "billing" });
    // Whoever catches the error and commits nevertheless loses no message.
    await rig.within(async (tx) => {
      await expect(inbox.accept(tx, at(1))).rejects
        .toMatchObject({ name: "StorageError", code: "STORAGE_FAILED" });
    });
    await rig.client.execute("DROP TRIGGER spoiler");
    expect(await rig.within((tx) => inbox.accept(tx, at(1)))).toBe(true);
  });

  test("goes on where somebody else has changed its numbers", async () => {
    const rig = await createRig(adapter);
    const events: InboxEvent[] = [];
    const inbox = createInbox({
      storage: rig.storage,
      consumer: "billing",
      observe: (event) => events.push(event),
    });
    const accept = (position: number) =>
      rig.within((tx) => inbox.accept(tx, at(position)));
    await accept(1);
    await accept(2);
    for (const damage of ["'much'", "x'ff00'", "CAST(x'ff' AS TEXT)"]) {
      await rig.client.executeMultiple(`
UPDATE mailboat_inbox SET number = ${damage} WHERE id = 'm-2';
UPDATE mailboat_inbox_lane SET position = ${damage}, seq = ${damage}`);
      expect(await accept(1)).toBe(false);
      expect(await accept(2)).toBe(false);
    }
    expect(await accept(9)).toBe(true);
    expect(events.filter(({ type }) => type !== "inbox.duplicate")).toEqual([]);
  });

  test("keeps two consumers apart, and two prefixes", async () => {
    const rig = await createRig(adapter);
    const other = await createRig(adapter, {
      client: rig.client,
      path: rig.path,
      prefix: "other_",
    });
    const inboxes = [
      createInbox({ storage: rig.storage, consumer: "one" }),
      createInbox({ storage: rig.storage, consumer: "two" }),
      createInbox({ storage: other.storage, consumer: "one" }),
    ];
    for (const expected of [true, false]) {
      for (const inbox of inboxes) {
        expect(await rig.within((tx) => inbox.accept(tx, at(1))))
          .toBe(expected);
      }
    }
  });

  test("finds the oldest by an index, however many there are", async () => {
    const rig = await createRig(adapter);
    const plan = async (query: string) =>
      (await rig.client.execute(`EXPLAIN QUERY PLAN ${query}`)).rows
        .map(({ detail }) => String(detail));
    for (const table of ["mailboat_inbox", "mailboat_inbox_lane"]) {
      expect(
        await plan(
          `SELECT number FROM ${table} WHERE consumer = 'c' ORDER BY number LIMIT 64`,
        ),
      ).toEqual([expect.stringMatching(/USING COVERING INDEX \w+_number/)]);
      expect(
        await plan(
          `DELETE FROM ${table} WHERE consumer = 'c' AND number IN (SELECT 1)`,
        ),
      ).toContainEqual(
        expect.stringMatching(/SEARCH .* USING .*INDEX \w+_number/),
      );
    }
  });
});
