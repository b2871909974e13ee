import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { Draft } from "../../src/draft.ts";
import { defineEvent, type EventOptions } from "../../src/event.ts";
import { anything } from "../support/schemas.ts";

const schema = v.object({ meter: v.string(), kwh: v.number() });
const meterRead = defineEvent("meter.read", {
  schema,
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

describe("an event definition", () => {
  test("carries its name and schema", () => {
    expect(meterRead.name).toBe("meter.read");
    expect(meterRead.schema).toBe(schema);
  });

  test("makes drafts that can be looked at and compared", () => {
    const data = { meter: "m-1", kwh: 4.2 };
    const draft = meterRead(data, { id: "a", headers: { site: "s" } });
    expect(draft).toMatchObject({
      event: "meter.read",
      data,
      id: "a",
      headers: { site: "s" },
    });
    expect(draft).toEqual(
      meterRead({ ...data }, { id: "a", headers: { site: "s" } }),
    );
    expect(draft).not.toEqual(meterRead({ ...data, kwh: 4.3 }));
  });

  test("is known by its drafts, and by no look-alike", () => {
    const draft = meterRead({ meter: "m-1", kwh: 4.2 });
    expect(Draft.definitionOf(draft)?.event).toBe("meter.read");
    for (const other of [{ ...draft }, null, undefined, "draft", meterRead]) {
      expect(Draft.definitionOf(other)).toBe(null);
    }
  });

  test("follows none of the later changes to its options", () => {
    const options = { schema: anything(), topic: "a", qos: 1 as 1 | 2 };
    const draft = defineEvent("a", options)(1);
    options.qos = 2;
    expect(Draft.definitionOf(draft)?.qos).toBe(1);
  });
});

describe("defineEvent refuses", () => {
  const define = (options: object, name: unknown = "meter.read") =>
    defineEvent(
      name as string,
      { schema, topic: "meters", ...options } as EventOptions<unknown, unknown>,
    );

  test.each(["", "a\u0000", "\ud800", "a".repeat(256), null, 7])(
    "the name %j",
    (name) => {
      expect(() => define({}, name)).toThrow(
        expect.objectContaining({ code: "INVALID_EVENT", field: "its name" }),
      );
    },
  );

  test.each([
    ["schema", undefined],
    ["schema", {}],
    ["schema", { parse: () => {} }],
    ["qos", 0],
    ["qos", "1"],
    ["qos", null],
    ["retain", 1],
    ["onDead", "drop"],
    ["position", 1],
    ["position", true],
    ["contentType", "json"],
  ])("%s: %j", (field, value) => {
    expect(() => define({ [field]: value })).toThrow(
      expect.objectContaining({ code: "INVALID_EVENT", field }),
    );
  });

  test.each([
    ["topic", "meters/+", "INVALID_TOPIC"],
    ["topic", "$SYS", "INVALID_TOPIC"],
    ["topic", undefined, "INVALID_TOPIC"],
    ["key", "", "INVALID_KEY"],
    ["key", 7, "INVALID_KEY"],
    ["headers", { Site: "a" }, "INVALID_HEADER"],
    ["headers", "site=a", "INVALID_HEADER"],
    ["ttlMs", 0, "INVALID_TTL"],
    ["ttlMs", -1, "INVALID_TTL"],
    ["ttlMs", NaN, "INVALID_TTL"],
    ["ttlMs", 1.5, "INVALID_TTL"],
    ["ttlMs", 315_360_000_001, "INVALID_TTL"],
    ["headers", [["a", "1"], ["a", "2"]], "INVALID_HEADER"],
    ["responseTopic", "answers/#", "INVALID_TOPIC"],
    ["responseTopic", 7, "INVALID_TOPIC"],
  ])("a fixed %s of %j", (field, value, code) => {
    expect(() => define({ [field]: value })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test("and says which event it was", () => {
    expect(() => define({ qos: 3 })).toThrow(
      "Cannot define meter.read as qos must be 1 or 2: current value is 3",
    );
  });
});
