import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { encodePayload } from "../../src/logic/payload.ts";

const encode = (output: unknown, maxBytes = 262_144) =>
  encodePayload({ action: "try", output, maxBytes });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("encodePayload", () => {
  test("writes JSON", () => {
    const { payload, contentType } = encode({ a: "é" });
    expect(text(payload)).toBe('{"a":"é"}');
    expect(contentType).toBe("application/json");
  });

  test.each([
    ["bytes", new Uint8Array([0, 1, 255])],
    ["a Buffer", Buffer.from([0, 1, 255])],
    ["bytes of another realm", runInNewContext("new Uint8Array([0, 1, 255])")],
  ])("takes %s as they are", (_, output) => {
    const { payload, contentType } = encode(output);
    expect(payload).toEqual(new Uint8Array([0, 1, 255]));
    expect(contentType).toBe("application/octet-stream");
  });

  test("takes an empty payload", () => {
    expect(encode(new Uint8Array()).payload).toHaveLength(0);
    expect(text(encode("").payload)).toBe('""');
  });

  test("keeps its own copy of the bytes", () => {
    const output = new Uint8Array([1]);
    const { payload } = encode(output);
    output[0] = 2;
    expect(payload).toEqual(new Uint8Array([1]));
  });

  test("takes a view for the part it shows", () => {
    const view = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    expect(encode(view).payload).toEqual(new Uint8Array([2, 3]));
  });

  test.each([
    [undefined, "undefined"],
    [new Float32Array(1), "a Float32Array"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [{ [Symbol.toStringTag]: "Uint8Array", length: 2 }, ""],
  ])("takes nothing else for bytes", (output, found) => {
    if (found === "") {
      expect(text(encode(output).payload)).toBe('{"length":2}');
    } else {
      expect(() => encode(output)).toThrow(
        expect.objectContaining({ code: "INVALID_PAYLOAD", found }),
      );
    }
  });

  test.each([
    ["bytes", new Uint8Array(1_000)],
    ["ASCII", "a".repeat(998)],
    ["two-byte characters", "é".repeat(499)],
    ["emoji", "😀".repeat(249) + "aa"],
  ])("stops %s at the limit, and tells both sizes", (_, output) => {
    expect(encode(output, 1_000).payload).toHaveLength(1_000);
    expect(() => encode(output, 999)).toThrow(
      expect.objectContaining({
        code: "PAYLOAD_TOO_LARGE",
        message:
          "Cannot try as payload must be at most 999 bytes: current value is 1000 bytes",
      }),
    );
  });

  test("does not write to the end what is much too large", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 90; level += 1) bomb = [bomb, bomb];
    expect(() => encode(bomb, 1_000)).toThrow(
      expect.objectContaining({
        code: "PAYLOAD_TOO_LARGE",
        found: "over 4000 bytes",
      }),
    );
  });

  test("takes 1 MiB where it is allowed", () => {
    const output = { text: "x".repeat(2 ** 20) };
    expect(encode(output, 2 ** 21).payload).toHaveLength(2 ** 20 + 11);
  });
});
