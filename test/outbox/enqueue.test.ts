import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defineEvent } from "../../src/event.ts";
import { createOutbox } from "../../src/outbox.ts";
import { anything, later } from "../support/schemas.ts";
import {
  loadedDice,
  noted,
  recordingStorage,
  standingClock,
  tx,
} from "./recording_storage.ts";

const meterRead = defineEvent("meter.read", {
  schema: v.object({
    meter: v.string(),
    kwh: v.pipe(v.string(), v.transform(Number)),
  }),
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
  headers: (event) => ({ high: String(event.kwh > 100) }),
  responseTopic: (event) => `meters/${event.meter}/answers`,
  qos: 2,
  retain: true,
  onDead: "skip",
});

describe("enqueue", () => {
  test("makes a message of the schema's output, and hands it to the transaction", async () => {
    const storage = recordingStorage();
    const clock = standingClock(1_764_000_000_000);
    const outbox = createOutbox({ storage, clock, random: loadedDice });

    const receipts = await outbox.enqueue(
      tx,
      meterRead({ meter: "m-1", kwh: "4.2" }),
    );

    const id = "019ab697-e800-76ae-abab-abababababab";
    expect(receipts).toEqual([{ id, stored: true }]);
    expect(storage.calls).toEqual([{
      tx,
      messages: [{
        id,
        chosenId: false,
        event: "meter.read",
        topic: "meters/m-1",
        key: "m-1",
        payload: new TextEncoder().encode('{"meter":"m-1","kwh":4.2}'),
        contentType: "application/json",
        headers: Object.assign(Object.create(null), { high: "false" }),
        responseTopic: "meters/m-1/answers",
        correlationData: null,
        qos: 2,
        retain: true,
        onDead: "skip",
        enqueuedAtMs: 1_764_000_000_000,
        ttlMs: null,
        counted: false,
      }],
    }]);
  });

  test("has plain defaults", async () => {
    const storage = recordingStorage();
    await createOutbox({ storage }).enqueue(tx, noted(1));
    expect(storage.calls[0]!.messages[0]).toMatchObject({
      topic: "notes",
      key: null,
      headers: {},
      responseTopic: null,
      correlationData: null,
      qos: 1,
      retain: false,
      onDead: null,
    });
  });

  test("takes fixed keys, headers and media types", async () => {
    const storage = recordingStorage();
    const event = defineEvent("a", {
      schema: anything<Uint8Array>(),
      topic: "a",
      key: "all",
      headers: { site: "s", line: "1" },
      contentType: "image/png",
    });
    const draft = event(new Uint8Array([1]), { headers: { line: "2" } });
    await createOutbox({ storage }).enqueue(tx, draft);
    const message = storage.calls[0]!.messages[0]!;
    expect(message).toMatchObject({ key: "all", contentType: "image/png" });
    expect({ ...message.headers }).toEqual({ site: "s", line: "2" });
    expect(message.payload).toEqual(new Uint8Array([1]));
  });

  test("takes the draft's time to live, then the event's, fixed or computed", async () => {
    const storage = recordingStorage();
    const fixed = defineEvent("fixed", {
      schema: anything(),
      topic: "a",
      ttlMs: 60_000,
    });
    const computed = defineEvent("computed", {
      schema: anything<number>(),
      topic: "a",
      ttlMs: (hours) => hours === 0 ? null : hours * 3_600_000,
    });
    await createOutbox({ storage }).enqueue(
      tx,
      fixed(1),
      fixed(1, { ttlMs: 5 }),
      fixed(1, { ttlMs: null }),
      computed(2),
      computed(0),
      computed(0, { ttlMs: 7 }),
    );
    expect(storage.calls[0]!.messages.map(({ ttlMs }) => ttlMs))
      .toEqual([60_000, 5, null, 7_200_000, null, 7]);
  });

  test("asks for an answer as the draft says, or else the event", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    const event = defineEvent("a", {
      schema: anything(),
      topic: "a",
      responseTopic: "answers",
    });
    const correlationData = Uint8Array.of(1, 2);
    const drafts = [{}, { responseTopic: "mine" }, { responseTopic: null }, {
      correlationData,
    }].map((options) => event(1, options));
    await outbox.enqueue(tx, ...drafts);
    correlationData.fill(9);
    const { messages } = storage.calls[0]!;
    expect(messages.map(({ responseTopic }) => responseTopic))
      .toEqual(["answers", "mine", null, "answers"]);
    expect(messages.map(({ correlationData }) => correlationData))
      .toEqual([null, null, null, Uint8Array.of(1, 2)]);
  });

  test("takes headers as pairs, also when it is tried again", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    const draft = noted(1, { headers: new Map([["a", "1"], ["b", "2"]]) });
    await outbox.enqueue(tx, draft);
    await outbox.enqueue(tx, draft);
    const found = storage.calls.map(({ messages }) => messages[0]!.headers);
    expect(found.map((headers) => ({ ...headers })))
      .toEqual([{ a: "1", b: "2" }, { a: "1", b: "2" }]);
  });

  test("keeps the order of the drafts, in one call of the writer", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    const drafts = Array.from({ length: 100 }, (_, at) => noted(at));
    const receipts = await outbox.enqueue(tx, ...drafts);
    expect(storage.calls).toHaveLength(1);
    const { messages } = storage.calls[0]!;
    expect(
      messages.map(({ payload }) => Number(new TextDecoder().decode(payload))),
    )
      .toEqual(drafts.map(({ data }) => data));
    expect(receipts.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
  });

  test("keeps the order also when some schemas take their time", async () => {
    const storage = recordingStorage();
    const slow = defineEvent("slow", { schema: later(), topic: "slow" });
    await createOutbox({ storage })
      .enqueue(tx, slow(1), noted(2), slow(3), noted(4));
    expect(storage.calls[0]!.messages.map(({ event }) => event))
      .toEqual(["slow", "noted", "slow", "noted"]);
  });

  test("keeps the order of calls that nobody awaited in between", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    await Promise.all([
      outbox.enqueue(tx, noted(1), noted(2), noted(3)),
      outbox.enqueue(tx, noted(4)),
      outbox.enqueue(tx, noted(5), noted(6)),
    ]);
    expect(storage.calls.map(({ messages }) => messages.length))
      .toEqual([3, 1, 2]);
  });

  test("does nothing without drafts", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    expect(await outbox.enqueue(tx)).toEqual([]);
    expect(await outbox.prepare()).toEqual({ ids: [], statements: [] });
    expect(storage.calls).toEqual([]);
  });

  test("says which chosen ids are there already", async () => {
    const storage = recordingStorage((messages) =>
      messages.map(({ id }) => id !== "old")
    );
    const receipts = await createOutbox({ storage })
      .enqueue(tx, noted(1, { id: "old" }), noted(2, { id: "new" }));
    expect(receipts).toEqual([
      { id: "old", stored: false },
      { id: "new", stored: true },
    ]);
    expect(storage.calls[0]!.messages.map(({ chosenId }) => chosenId))
      .toEqual([true, true]);
  });

  test("reads the data when it is called, not when the draft was made", async () => {
    const storage = recordingStorage();
    const data = { kwh: 1 };
    const draft = noted(data);
    data.kwh = 2;
    await createOutbox({ storage }).enqueue(tx, draft);
    expect(new TextDecoder().decode(storage.calls[0]!.messages[0]!.payload))
      .toBe('{"kwh":2}');
  });

  test("passes the writer's error on as it is", async () => {
    const error = new Error("disk full");
    const storage = recordingStorage(() => {
      throw error;
    });
    await expect(createOutbox({ storage }).enqueue(tx, noted(1)))
      .rejects.toBe(error);
  });

  test.each([[[]], [[true, true]], [undefined]])(
    "refuses to believe a writer that answers %j for one message",
    async (answer) => {
      const storage = recordingStorage(() => answer as never);
      await expect(createOutbox({ storage }).enqueue(tx, noted(1)))
        .rejects.toMatchObject({ code: "STORAGE_FAILED" });
    },
  );
});

describe("prepare", () => {
  test("makes statements and executes nothing", async () => {
    const storage = recordingStorage();
    const prepared = await createOutbox({ storage })
      .prepare(noted(1, { id: "a" }), noted(2, { id: "b" }));
    expect(prepared).toEqual({
      ids: ["a", "b"],
      statements: [{ insert: "a" }, { insert: "b" }],
    });
    expect(storage.calls.map(({ tx }) => tx)).toEqual([null]);
  });
});

describe("ids", () => {
  test("rise with every message and every call of newId", async () => {
    const storage = recordingStorage();
    const clock = standingClock(1_764_000_000_000);
    const outbox = createOutbox({ storage, clock });
    const jumps = fc.array(fc.integer({ min: 0, max: 2 ** 41 }), {
      maxLength: 10,
    });
    let last = "";
    await fc.assert(fc.asyncProperty(jumps, async (times) => {
      for (const time of times) {
        clock.set(time);
        const ids = [
          outbox.newId(),
          ...(await outbox.enqueue(tx, noted(1), noted(2)))
            .map(({ id }) => id),
          outbox.newId(),
        ];
        for (const id of ids) {
          expect(id > last).toBe(true);
          last = id;
        }
      }
    }));
  });

  test("are not shared by outboxes", () => {
    const storage = recordingStorage();
    const outboxes = [createOutbox({ storage }), createOutbox({ storage })];
    const ids = Array.from({ length: 1_000 }, (_, at) => outboxes[at % 2]!)
      .map((outbox) => outbox.newId());
    expect(new Set(ids).size).toBe(1_000);
  });

  test("can be chosen before the first try, and used again", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    const draft = noted(1, { id: outbox.newId() });
    const first = await outbox.enqueue(tx, draft);
    const second = await outbox.enqueue(tx, draft);
    expect(first[0]!.id).toBe(second[0]!.id);
  });
});
