/**
 * Accepting: once per message, and what is told of it.
 */

import {
  createInbox,
  type InboxEvent,
  type InboxMessage,
  type InboxOptions,
} from "@mailboat/outbox";
import {
  createMemoryStorage,
  createSyncMemoryStorage,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";

async function rigged(options: Partial<InboxOptions> = {}) {
  const storage = createMemoryStorage();
  await storage.migrate();
  const events: InboxEvent[] = [];
  const inbox = createInbox({
    storage,
    consumer: "billing",
    observe: (event) => events.push(event),
    ...options,
  });
  const accept = async (message: InboxMessage) => {
    const tx = storage.begin();
    try {
      const accepted = await inbox.accept(tx, message);
      tx.commit();
      return accepted;
    } finally {
      tx.rollback();
    }
  };
  return { storage, inbox, events, accept };
}

const reading: InboxMessage = { source: "/gateway", id: "m-1", key: "k" };

describe("accept", () => {
  test("is true once, and tells of the duplicate", async () => {
    const { accept, events } = await rigged();
    expect(await accept(reading)).toBe(true);
    expect(await accept(reading)).toBe(false);
    expect(events).toEqual([{
      type: "inbox.duplicate",
      message: { consumer: "billing", ...reading },
    }]);
  });

  test("tells messages apart by source and id, and by nothing else", async () => {
    const { accept } = await rigged();
    expect(await accept(reading)).toBe(true);
    expect(await accept({ ...reading, source: "/other" })).toBe(true);
    expect(await accept({ ...reading, id: "m-2" })).toBe(true);
    expect(await accept({ ...reading, key: null, seq: 9 })).toBe(false);
  });

  test("of two transactions at once, one is told true", async () => {
    const { storage, inbox } = await rigged();
    const [one, other] = [storage.begin(), storage.begin()];
    const accepted = inbox.accept(one, reading);
    const late = inbox.accept(other, reading);
    expect(await accepted).toBe(true);
    await expect(late).rejects.toMatchObject({ code: "STORAGE_BUSY" });
    one.commit();
    expect(await inbox.accept(other, reading)).toBe(false);
  });

  test("twice at once in one transaction is true once", async () => {
    const { storage, inbox, events } = await rigged();
    const tx = storage.begin();
    const answers = [inbox.accept(tx, reading), inbox.accept(tx, reading)];
    expect(await Promise.all(answers)).toEqual([true, false]);
    expect(events.map(({ type }) => type)).toEqual(["inbox.duplicate"]);
  });

  test("without a key, no order is watched", async () => {
    const { accept, events } = await rigged();
    await accept({ source: "s", id: "1", seq: 5, position: 5 });
    await accept({ source: "s", id: "2", seq: 1, position: 9 });
    expect(events).toEqual([]);
  });

  test("each key of each source has an order of its own", async () => {
    const { accept, events } = await rigged();
    await accept({ source: "s", id: "1", key: "a", position: 5 });
    await accept({ source: "s", id: "2", key: "b", position: 1 });
    await accept({ source: "t", id: "3", key: "a", position: 1 });
    expect(events).toEqual([]);
  });

  test("an observer that throws breaks nothing", async () => {
    const { accept } = await rigged({
      observe: () => {
        throw new Error("observer");
      },
    });
    expect(await accept(reading)).toBe(true);
    expect(await accept(reading)).toBe(false);
  });

  test("on a synchronous storage it is done when it returns", async () => {
    const storage = createSyncMemoryStorage();
    await storage.migrate();
    const inbox = createInbox({ storage, consumer: "billing" });
    const tx = storage.begin();
    expect(inbox.accept(tx, reading)).toBe(true);
    expect(inbox.accept(tx, reading)).toBe(false);
    tx.rollback();
    expect(inbox.accept(storage.begin(), reading)).toBe(true);
  });
});
