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
});
