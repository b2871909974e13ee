import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { checkedText } from "../../src/logic/text.ts";

const field = { action: "try", code: "INVALID_ID", field: "id" } as const;
const check = (value: unknown, bounds = {}) =>
  checkedText({ ...field, value, ...bounds });

/** The rule of MQTT 5 §1.5.4 in its own words, character by character. */
function mayBeSent(text: string): boolean {
  return [...text].every((character) => {
    const code = character.codePointAt(0)!;
    const control = code <= 0x1f || (code >= 0x7f && code <= 0x9f);
    const surrogate = code >= 0xd800 && code <= 0xdfff;
    const noncharacter = (code >= 0xfdd0 && code <= 0xfdef) ||
      (code & 0xfffe) === 0xfffe;
    return !control && !surrogate && !noncharacter;
  });
}

/** Strings in which every 16-bit unit may occur, the dangerous ones often. */
const anyString = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0xd7f0, max: 0xe00f }),
    fc.constantFrom(0, 0x1f, 0x20, 0x7e, 0x7f, 0x9f, 0xa0, 0xfdd0, 0xfffe),
  ),
  { maxLength: 12 },
).map((units) => String.fromCharCode(...units));

describe("checkedText", () => {
  test("accepts exactly what a broker must accept", () => {
    fc.assert(fc.property(anyString, (text) => {
      if (text !== "" && mayBeSent(text)) expect(check(text)).toBe(text);
      else expect(() => check(text)).toThrow(InputError);
    }));
  });

  test("accepts every character that is none of the forbidden ones", () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const text = String.fromCodePoint(code);
      let accepted = true;
      try {
        check(text);
      } catch {
        accepted = false;
      }
      if (accepted !== mayBeSent(text)) {
        expect.fail(`U+${code.toString(16)}: accepted is ${accepted}`);
      }
    }
  });

  test("counts bytes of UTF-8, not characters", () => {
    fc.assert(fc.property(
      fc.string({ unit: "grapheme", maxLength: 20 }).filter(mayBeSent),
      fc.integer({ min: 1, max: 40 }),
      (text, maxBytes) => {
        const bytes = Buffer.byteLength(text);
        if (bytes >= 1 && bytes <= maxBytes) {
          expect(check(text, { maxBytes })).toBe(text);
        } else expect(() => check(text, { maxBytes })).toThrow(InputError);
      },
    ));
  });

  test.each([
    ["a", 65_535, 65_536],
    ["é", 65_534, 65_536],
    ["😀", 65_532, 65_536],
  ])("stops %s at 65,535 bytes", (unit, fits, tooMany) => {
    const size = Buffer.byteLength(unit);
    expect(check(unit.repeat(fits / size))).toHaveLength(
      unit.length * fits / size,
    );
    expect(() => check(unit.repeat(tooMany / size))).toThrow(
      `Cannot try as id must be 1 to 65535 bytes of UTF-8: current value is ${tooMany} bytes`,
    );
  });

  test.each([undefined, null, 7, 7n, {}, [], () => "a", Symbol("a")])(
    "refuses %s, which is no string",
    (value) => {
      expect(() => check(value)).toThrow("must be a string");
    },
  );

  test("allows the empty string where it means something", () => {
    expect(() => check("")).toThrow("current value is 0 bytes");
    expect(check("", { minBytes: 0 })).toBe("");
  });

  test.each([
    ["a\u0000b", "U+0000 at index 1"],
    ["\u001b[31m", "U+001B at index 0"],
    ["ab\u009b", "U+009B at index 2"],
    ["a\ud800", "U+D800 at index 1"],
    ["\udc00a", "U+DC00 at index 0"],
    ["😀\uffff", "U+FFFF at index 2"],
    ["\u{1fffe}", "U+1FFFE at index 0"],
  ])("names the character that %j is refused for", (text, found) => {
    expect(() => check(text)).toThrow(expect.objectContaining({ found }));
  });

  test("shows nothing of the text in its error", () => {
    const secret = "hunter2\u0007";
    expect(() => check(secret)).toThrow(
      expect.not.objectContaining({
        message: expect.stringContaining("hunter2"),
      }),
    );
  });
});
