import * as v from "valibot";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { DraftOptions } from "../../src/draft.ts";
import { InputError } from "../../src/errors.ts";
import { defineEvent } from "../../src/event.ts";
import { createOutbox } from "../../src/outbox.ts";
import type { StandardSchema } from "../../src/standard_schema.ts";
import { anything } from "../support/schemas.ts";
import { noted, recordingStorage, tx } from "./recording_storage.ts";

interface Shape {
  readonly topic?: unknown;
  readonly key?: unknown;
  readonly headers?: unknown;
  readonly ttlMs?: unknown;
  readonly responseTopic?: unknown;
}

/** An event whose functions return, or throw, what a test wants. */
function shaped(shape: Shape) {
  const made = (value: unknown) => () => {
    if (value instanceof Error) throw value;
    return value as never;
  };
  return defineEvent("shaped", {
    schema: anything(),
    topic: made("topic" in shape ? shape.topic : "a"),
    key: made("key" in shape ? shape.key : null),
    headers: made("headers" in shape ? shape.headers : {}),
    ttlMs: made("ttlMs" in shape ? shape.ttlMs : null),
    responseTopic: made("responseTopic" in shape ? shape.responseTopic : null),
  });
}

/** The refusal of both enqueue and prepare, after which nothing was written. */
async function refusalOf(...drafts: ReturnType<typeof noted>[]) {
  const storage = recordingStorage();
  const outbox = createOutbox({ storage });
  const caught = (error: unknown) => error;
  const enqueue = await outbox.enqueue(tx, ...drafts).catch(caught);
  const prepare = await outbox.prepare(...drafts).catch(caught);
  expect(storage.calls).toEqual([]);
  expect(enqueue).toBeInstanceOf(InputError);
  expect(prepare).toEqual(enqueue);
  return enqueue as InputError;
}

describe("a bad field is refused before anything is written", () => {
  const circle: unknown[] = [];
  circle.push(circle);

  test.each<[string, unknown, string]>([
    ["a cyclic payload", circle, "payload[0]"],
    ["a bigint", { a: 1n }, "payload.a"],
    ["NaN", { a: [NaN] }, "payload.a[0]"],
    ["a lone surrogate", { a: "\ud800" }, "payload.a"],
    ["undefined", undefined, "payload"],
  ])("%s", async (_, data, field) => {
    expect(await refusalOf(noted(data)))
      .toMatchObject({ code: "INVALID_PAYLOAD", field });
  });

  test.each<[string, Shape, string]>([
    ["an empty topic", { topic: "" }, "INVALID_TOPIC"],
    ["a topic with a wildcard", { topic: "a/+" }, "INVALID_TOPIC"],
    ["a topic with NUL", { topic: "a\u0000" }, "INVALID_TOPIC"],
    [
      "a topic that is too long",
      { topic: "é".repeat(32_768) },
      "INVALID_TOPIC",
    ],
    ["a topic of the broker's", { topic: "$SYS" }, "INVALID_TOPIC"],
    ["a topic that is no string", { topic: 7 }, "INVALID_TOPIC"],
    ["an empty key", { key: "" }, "INVALID_KEY"],
    ["a key that is undefined", { key: undefined }, "INVALID_KEY"],
    ["a key that is a number", { key: 7 }, "INVALID_KEY"],
    ["a key with a lone surrogate", { key: "\udfff" }, "INVALID_KEY"],
    ["headers with a bad name", { headers: { "a-b": "" } }, "INVALID_HEADER"],
    ["headers with a bad value", { headers: { a: 7 } }, "INVALID_HEADER"],
    ["headers that are null", { headers: null }, "INVALID_HEADER"],
    ["a time to live of 0", { ttlMs: 0 }, "INVALID_TTL"],
    ["a time to live that is no number", { ttlMs: NaN }, "INVALID_TTL"],
    ["a time to live that is undefined", { ttlMs: undefined }, "INVALID_TTL"],
    ["a response topic with +", { responseTopic: "a/+" }, "INVALID_TOPIC"],
    ["an undefined response topic", {
      responseTopic: undefined,
    }, "INVALID_TOPIC"],
  ])("%s", async (_, shape, code) => {
    expect((await refusalOf(shaped(shape)(1))).code).toBe(code);
  });

  test.each([
    ["topic", "INVALID_TOPIC"],
    ["key", "INVALID_KEY"],
    ["headers", "INVALID_HEADER"],
    ["ttlMs", "INVALID_TTL"],
    ["responseTopic", "INVALID_TOPIC"],
  ])(
    "a %s function that throws, with its error as the cause",
    async (field, code) => {
      const cause = new TypeError("no such field");
      expect(await refusalOf(shaped({ [field]: cause })(1)))
        .toMatchObject({ code, field, cause });
    },
  );

  test.each<[string, DraftOptions, string]>([
    ["an empty id", { id: "" }, "INVALID_ID"],
    ["an id with NUL", { id: "a\u0000" }, "INVALID_ID"],
    ["an id of 256 bytes", { id: "a".repeat(256) }, "INVALID_ID"],
    ["an id that is null", { id: null as never }, "INVALID_ID"],
    ["a reserved header", { headers: { id: "a" } }, "INVALID_HEADER"],
    ["a reserved time", { headers: { expirytime: "" } }, "INVALID_HEADER"],
    ["a time to live below 1", { ttlMs: 0.5 }, "INVALID_TTL"],
    ["a response topic of the broker's", {
      responseTopic: "$SYS",
    }, "INVALID_TOPIC"],
    ["an empty response topic", { responseTopic: "" }, "INVALID_TOPIC"],
    ["correlation data that is too long", {
      correlationData: new Uint8Array(65_536),
    }, "INVALID_CORRELATION_DATA"],
    ["correlation data that is text", {
      correlationData: "a" as never,
    }, "INVALID_CORRELATION_DATA"],
  ])("%s", async (_, options, code) => {
    expect((await refusalOf(noted(1, options))).code).toBe(code);
  });

  test("one bad draft among good ones, wherever it stands", async () => {
    const good = noted(1);
    const bad = noted(1n);
    for (const drafts of [[bad, good], [good, bad], [good, bad, good]]) {
      expect((await refusalOf(...drafts)).code).toBe("INVALID_PAYLOAD");
    }
  });

  test("says what was attempted, found and required", async () => {
    expect((await refusalOf(shaped({ topic: "meters/+" })(1))).message).toBe(
      'Cannot enqueue shaped as topic must be free of the wildcards + and #: current value is "meters/+"',
    );
  });
});

describe("the payload's size", () => {
  test("is 256 KiB by default", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage });
    await outbox.enqueue(tx, noted("a".repeat(262_142)));
    await expect(outbox.enqueue(tx, noted("a".repeat(262_143)))).rejects
      .toMatchObject({
        code: "PAYLOAD_TOO_LARGE",
        message:
          "Cannot enqueue noted as payload must be at most 262144 bytes: current value is 262145 bytes",
      });
    expect(storage.calls).toHaveLength(1);
  });

  test("can be set", async () => {
    const storage = recordingStorage();
    const outbox = createOutbox({ storage, maxPayloadBytes: 2 });
    await outbox.enqueue(tx, noted(12), noted(new Uint8Array(2)));
    for (const data of [123, new Uint8Array(3)]) {
      await expect(outbox.enqueue(tx, noted(data))).rejects
        .toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    }
  });

  test.each([0, -1, 1.5, NaN, Infinity, 268_435_456, "1"])(
    "cannot be set to %s",
    (maxPayloadBytes) => {
      const storage = recordingStorage();
      const options = { storage, maxPayloadBytes: maxPayloadBytes as number };
      expect(() => createOutbox(options)).toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          field: "maxPayloadBytes",
          required: "an integer from 1 to 268435455",
        }),
      );
    },
  );
});

describe("schemas", () => {
  const strict = defineEvent("strict", {
    schema: v.object({ user: v.object({ pin: v.number() }) }),
    topic: "a",
  });

  test("refuse what they do not like, and no data gets out", async () => {
    const data = { user: { pin: "hunter2" } } as never;
    const error = await refusalOf(strict(data));
    expect(error.code).toBe("INVALID_PAYLOAD");
    expect(error.message).toContain("payload.user.pin (a string)");
    expect(inspect(error, { depth: 8, showHidden: true }))
      .not.toContain("hunter2");
  });

  test("may answer later", async () => {
    const schema = v.pipeAsync(
      v.string(),
      v.checkAsync((text) => Promise.resolve(text === "yes")),
    );
    const asked = defineEvent("asked", { schema, topic: "a" });
    expect((await refusalOf(asked("no"))).code).toBe("INVALID_PAYLOAD");
    const storage = recordingStorage();
    await createOutbox({ storage }).enqueue(tx, asked("yes"));
    expect(storage.calls).toHaveLength(1);
  });

  test.each([
    ["throws", () => {
      throw new Error("broken");
    }],
    ["rejects", () => Promise.reject(new Error("broken"))],
  ])("whose validate %s refuse, with the cause", async (_, validate) => {
    const schema: StandardSchema = {
      "~standard": { version: 1, vendor: "test", validate },
    };
    const broken = defineEvent("broken", { schema, topic: "a" });
    expect(await refusalOf(broken(1))).toMatchObject({
      code: "INVALID_PAYLOAD",
      field: "payload",
      cause: expect.objectContaining({ message: "broken" }),
    });
  });
});

describe("mistaken arguments", () => {
  const outbox = createOutbox({ storage: recordingStorage() });

  test("a forgotten transaction", async () => {
    const forgot = outbox.enqueue as unknown as (
      ...drafts: unknown[]
    ) => Promise<unknown>;
    for (const drafts of [[noted(1)], [noted(1), noted(2)]]) {
      await expect(forgot(...drafts)).rejects.toMatchObject({
        code: "NOT_A_TRANSACTION",
        message:
          "Cannot enqueue noted as the first argument must be the transaction that writes the business rows: current value is a draft of noted",
      });
    }
  });

  test.each([
    ["the data itself", { meter: "m-1" }],
    ["a copy of a draft", { ...noted(1) }],
    ["a definition that was not called", noted],
    ["an array of drafts", [noted(1)]],
    ["nothing", undefined],
  ])("%s instead of a draft", async (_, draft) => {
    expect(await refusalOf(draft as never)).toMatchObject({
      code: "INVALID_EVENT",
      required: "what an event definition returns when it is called",
    });
  });

  test.each([undefined, null, {}, { writer: {} }, { writer: null }])(
    "%j instead of a storage",
    (storage) => {
      expect(() => createOutbox({ storage: storage as never })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", field: "storage" }),
      );
    },
  );
});
