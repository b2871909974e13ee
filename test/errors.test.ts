import {
  InputError,
  MailboatError,
  reasonOf,
  shorten,
  StorageError,
} from "@mailboat/outbox";
import fc from "fast-check";
import { expect, test } from "vitest";

test("a refusal says what was attempted, what was found and what is required", () => {
  const cause = new Error("below");
  const error = new InputError("INVALID_TOPIC", {
    action: "enqueue meter.read",
    field: "topic",
    required: "free of wildcards",
    found: shorten("a/+"),
    cause,
  });
  expect(error.message).toBe(
    'Cannot enqueue meter.read as topic must be free of wildcards: current value is "a/+"',
  );
  expect(error).toMatchObject({ code: "INVALID_TOPIC", field: "topic", cause });
  expect(error).toBeInstanceOf(MailboatError);
});

test("every class has its own name, and no cause where there is none", () => {
  const error = new StorageError("STORAGE_BUSY", "busy");
  expect(error.name).toBe("StorageError");
  expect("cause" in error).toBe(false);
});

test("whatever is shown fits on one line and is harmless to a terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      for (const shown of [shorten(text), reasonOf(new Error(text))]) {
        expect(shown).not.toMatch(/\p{Cc}|\p{Cf}|[\u2028\u2029]/u);
        expect(shown.length).toBeLessThanOrEqual(256);
      }
    }),
  );
  expect(shorten("\u001b[2J\u202e")).toBe('"\\u001b[2J\\u{202e}"');
});

test("values of every kind are named without their content", () => {
  const shown = [[1, 2], { secret: 1 }, () => 1, 12n, null, undefined, NaN].map(
    shorten,
  );
  expect(shown).toEqual([
    "an array of 2",
    "an object",
    "a function",
    "12n",
    "null",
    "undefined",
    "NaN",
  ]);
});

test("a cut never leaves half a character", () => {
  const shown = shorten("x".repeat(77) + "😀😀😀");
  expect(shown).not.toMatch(/\p{Surrogate}/u);
});
