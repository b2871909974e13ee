import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { checkedNumber } from "../../src/logic/options.ts";

const lease = {
  action: "create a relay",
  option: "leaseMs",
  default: 30_000,
  min: 1_000,
  max: 60_000,
};

describe("checkedNumber", () => {
  test("takes the default when the option is not given", () => {
    expect(checkedNumber({ ...lease, value: undefined })).toBe(30_000);
  });

  test.each([1_000, 60_000, 12_345])(
    "accepts %s within the bounds",
    (value) => {
      expect(checkedNumber({ ...lease, value })).toBe(value);
    },
  );

  test.each([NaN, Infinity, -Infinity, -1, 0, 999, 60_001, 1_000.5])(
    "refuses %s",
    (value) => {
      expect(() => checkedNumber({ ...lease, value })).toThrow(InputError);
    },
  );

  test.each(["5000", null, {}, 5000n, true])(
    "refuses %s, which is not a number",
    (value) => {
      expect(() => checkedNumber({ ...lease, value: value as never }))
        .toThrow(InputError);
    },
  );

  test("allows fractions where they make sense, never infinity", () => {
    const factor = { ...lease, min: 0, max: Infinity, integer: false };
    expect(checkedNumber({ ...factor, value: 0.5 })).toBe(0.5);
    expect(() => checkedNumber({ ...factor, value: Infinity })).toThrow();
  });

  test("names the option, the value and the bounds", () => {
    expect(() => checkedNumber({ ...lease, value: NaN })).toThrow(
      "Cannot create a relay as leaseMs must be an integer from 1000 to 60000: current value is NaN",
    );
    const { max: _, ...open } = lease;
    expect(() => checkedNumber({ ...open, value: 1 })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        field: "leaseMs",
        required: "an integer of at least 1000",
        found: "1",
      }),
    );
  });
});
