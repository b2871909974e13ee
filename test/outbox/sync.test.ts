import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { InputError, StorageError } from "../../src/errors.ts";
import { defineEvent } from "../../src/event.ts";
import { createOutbox } from "../../src/outbox.ts";
import type { StandardSchema } from "../../src/standard_schema.ts";
import { later } from "../support/schemas.ts";
import { noted, recordingSyncStorage, tx } from "./recording_storage.ts";

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(() => void process.off("unhandledRejection", note));

describe("enqueue on a synchronous storage", () => {
  test("has stored the messages when it returns", () => {
    const storage = recordingSyncStorage();
    const receipts = createOutbox({ storage })
      .enqueue(tx, noted(1, { id: "a" }), noted(2, { id: "b" }));
    expect(receipts).toEqual([
      { id: "a", stored: true },
      { id: "b", stored: true },
    ]);
    expect(storage.calls).toMatchObject([{
      tx,
      messages: [{ id: "a" }, { id: "b" }],
    }]);
  });

  test("does nothing without drafts", () => {
    const storage = recordingSyncStorage();
    expect(createOutbox({ storage }).enqueue(tx)).toEqual([]);
    expect(storage.calls).toEqual([]);
  });

  test("throws what the asynchronous form rejects with", () => {
    const storage = recordingSyncStorage();
    const outbox = createOutbox({ storage });
    expect(() => outbox.enqueue(tx, noted(1), noted(1n))).toThrow(InputError);
    expect(() => outbox.enqueue(noted(1) as never)).toThrow(
      expect.objectContaining({ code: "NOT_A_TRANSACTION" }),
    );
    expect(() => outbox.enqueue(tx, {} as never)).toThrow(
      expect.objectContaining({ code: "INVALID_EVENT" }),
    );
    expect(storage.calls).toEqual([]);
  });

  test("refuses a schema that answers later, before anything is written", async () => {
    const storage = recordingSyncStorage();
    const slow = defineEvent("slow", { schema: later(), topic: "a" });
    const schema: StandardSchema = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => Promise.reject(new Error("broken, and late")),
      },
    };
    const broken = defineEvent("broken", { schema, topic: "a" });
    for (const draft of [slow(1), broken(1)]) {
      expect(() => createOutbox({ storage }).enqueue(tx, noted(1), draft))
        .toThrow(expect.objectContaining({
          code: "INVALID_EVENT",
          field: "schema",
          required: "synchronous, as the storage is",
        }));
    }
    expect(storage.calls).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });

  test.each([
    ["resolves", () => Promise.resolve([true])],
    ["rejects", () => Promise.reject(new Error("late"))],
  ])("refuses a writer whose promise %s", async (_, answer) => {
    const storage = recordingSyncStorage(answer);
    expect(() => createOutbox({ storage }).enqueue(tx, noted(1))).toThrow(
      StorageError,
    );
    expect(() => createOutbox({ storage }).enqueue(tx, noted(1))).toThrow(
      "current value is a Promise",
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});
