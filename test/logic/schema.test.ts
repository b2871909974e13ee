import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { isStandardSchema, outputOf } from "../../src/logic/schema.ts";
import type { StandardSchema } from "../../src/standard_schema.ts";

const judge = (schema: StandardSchema, data: unknown) =>
  outputOf({
    action: "try",
    data,
    result: schema["~standard"].validate(data),
  });
const refusalOf = (run: () => unknown): InputError => {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  return expect.fail("it passed");
};

describe("isStandardSchema", () => {
  const standard = { version: 1, vendor: "test", validate: () => {} };

  test("knows schemas, functions among them", () => {
    expect(isStandardSchema(v.string())).toBe(true);
    const schema = Object.assign(() => {}, { "~standard": standard });
    expect(isStandardSchema(schema)).toBe(true);
  });

  test.each([
    null,
    undefined,
    "schema",
    {},
    { "~standard": null },
    { "~standard": { ...standard, version: 2 } },
    { "~standard": { ...standard, validate: "yes" } },
  ])("refuses %j", (value) => {
    expect(isStandardSchema(value)).toBe(false);
  });
});

describe("outputOf", () => {
  const reading = v.object({
    meter: v.string(),
    kwh: v.number(),
    tags: v.optional(v.array(v.string())),
  });

  test("returns the output, not the input", () => {
    const schema = v.pipe(v.string(), v.transform(Number));
    expect(judge(schema, "42")).toBe(42);
  });

  test("returns an output that is undefined", () => {
    expect(judge(v.undefined(), undefined)).toBe(undefined);
  });

  test("names the places and kinds, never the data", () => {
    const data = { kwh: "hunter2", tags: ["a", 7] };
    const { message } = refusalOf(() => judge(reading, data));
    expect(message).toBe(
      "Cannot try as payload must be valid for its schema: current value is " +
        "refused at payload.meter (missing), payload.kwh (a string), payload.tags[1] (a number)",
    );
  });

  test("names the payload when all of it is wrong", () => {
    expect(refusalOf(() => judge(reading, "hunter2")).found)
      .toBe("refused at payload (a string)");
  });

  test.each([
    ["a path without end", { path: new Array(2 ** 32 - 1) }],
    ["a path that is none", { path: 7 }],
    ["no path", {}],
    ["nothing at all", null],
  ])("takes an issue with %s", (_, issue) => {
    const result = { issues: [issue] };
    const refused = refusalOf(() =>
      outputOf({ action: "try", data: 1, result })
    );
    expect(refused.code).toBe("INVALID_PAYLOAD");
    expect(refused.found.length).toBeLessThan(300);
  });

  test.each([
    ["issues that are no array", { issues: 7 }],
    ["issues that throw", {
      get issues() {
        throw new Error("read");
      },
    }],
  ])("refuses a result with %s", (_, result) => {
    const refused = refusalOf(() =>
      outputOf({ action: "try", data: 1, result })
    );
    expect(refused.code).toBe("INVALID_EVENT");
  });

  test("lists at most five places", () => {
    const data = Array.from({ length: 1_000 }, () => 1);
    const { found } = refusalOf(() => judge(v.array(v.string()), data));
    expect(found).toBe(
      "refused at payload[0] (a number), payload[1] (a number), payload[2] (a number), " +
        "payload[3] (a number), payload[4] (a number) and 995 more",
    );
  });

  test("keeps its message short, however long the names are", () => {
    const entries = Array.from(
      { length: 9 },
      (_, at) => [`${at}${"k".repeat(10_000)}`, v.string()] as const,
    );
    const schema = v.object(Object.fromEntries(entries));
    expect(refusalOf(() => judge(schema, {})).message.length)
      .toBeLessThan(1_000);
  });

  test("does not guess at what is inside a Map", () => {
    const schema = v.map(v.string(), v.number());
    const data = new Map([["a", "hunter2"]]);
    expect(refusalOf(() => judge(schema, data)).found)
      .toBe("refused at payload.a (in a Map)");
  });

  test("looks at the issues first, as a failure may carry a value", () => {
    const result = { value: "looks fine", issues: [{ message: "is not" }] };
    expect(refusalOf(() => outputOf({ action: "try", data: 1, result })).code)
      .toBe("INVALID_PAYLOAD");
  });

  test.each([undefined, null, true, "ok"])(
    "refuses a schema whose result is %s",
    (result) => {
      expect(refusalOf(() => outputOf({ action: "try", data: 1, result })))
        .toMatchObject({ code: "INVALID_EVENT", field: "schema" });
    },
  );
});
