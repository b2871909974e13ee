import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type EventProperties,
  fromBinary,
  fromStructured,
} from "../../src/logic/received_event.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const payload = utf8("1");
const required = { specversion: "1.0", id: "a", source: "/s", type: "t" };

function envelope(members: object): Uint8Array {
  return utf8(JSON.stringify({ ...required, ...members }));
}

describe("a foreign event in binary mode", () => {
  test("needs no more than the required attributes", () => {
    const properties = { userProperties: required };
    expect(fromBinary({ payload, properties })).toEqual({
      kind: "event",
      event: {
        id: "a",
        source: "/s",
        type: "t",
        time: null,
        expiryTime: null,
        key: null,
        seq: null,
        position: null,
        data: payload,
        contentType: null,
        responseTopic: null,
        correlationData: null,
        headers: {},
      },
    });
  });

  test("may name its content type as a user property, but the real property decides", () => {
    const userProperties = { ...required, datacontenttype: "text/plain" };
    const both = { userProperties, contentType: "text/html" };
    expect(fromBinary({ payload, properties: { userProperties } }))
      .toMatchObject({ event: { contentType: "text/plain", headers: {} } });
    expect(fromBinary({ payload, properties: both }))
      .toMatchObject({ event: { contentType: "text/html", headers: {} } });
  });

  test.each([7, null, {}, "text"])(
    "says nothing about an answer with properties of the wrong kind: %j",
    (value) => {
      const properties = {
        userProperties: required,
        responseTopic: value === "text" ? undefined : value,
        correlationData: value,
      } as unknown as EventProperties;
      expect(fromBinary({ payload, properties })).toMatchObject({
        event: { responseTopic: null, correlationData: null },
      });
    },
  );

  test("counts the first of repeated properties", () => {
    const userProperties = { ...required, id: ["b", "c"], site: ["n", "s"] };
    expect(fromBinary({ payload, properties: { userProperties } }))
      .toMatchObject({ event: { id: "b", headers: { site: "n" } } });
  });

  test.each([
    ["nothing", {}],
    ["another version", { ...required, specversion: "0.3" }],
    ["no id", { ...required, id: "" }],
    ["no source", { ...required, source: [] }],
    ["no type", { ...required, type: "" }],
  ])("with %s is malformed", (_, userProperties) => {
    expect(fromBinary({ payload, properties: { userProperties } }).kind)
      .toBe("malformed");
  });

  test.each(["abc", "-1", "1.5", "", "9".repeat(20)])(
    "whose sequence is no position has none: %s",
    (sequence) => {
      const properties = { userProperties: { ...required, sequence } };
      expect(fromBinary({ payload, properties }))
        .toMatchObject({ event: { seq: null } });
    },
  );
});

describe("a foreign event in structured mode", () => {
  test.each([
    [
      "text under its own type",
      { data: "hi", datacontenttype: "text/plain" },
      "hi",
    ],
    ["text as JSON", { data: "hi", datacontenttype: "text/json" }, '"hi"'],
    ["a value without a type", { data: [1] }, "[1]"],
    ["null", { data: null }, "null"],
    ["no data", {}, ""],
  ])("carries %s", (_, members, expected) => {
    expect(fromStructured(envelope(members)))
      .toMatchObject({ event: { data: utf8(expected) } });
  });

  test("may have numbers, booleans and nulls as attributes", () => {
    const members = { hops: 3, final: true, subject: null };
    expect(fromStructured(envelope(members)))
      .toMatchObject({ event: { headers: { hops: "3", final: "true" } } });
  });

  test.each([
    ["no JSON", utf8("{")],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["no object", utf8("1")],
    ["a list", utf8("[]")],
    ["null", utf8("null")],
    ["an attribute that is a structure", envelope({ site: {} })],
    ["an id that is a structure", envelope({ id: ["a"] })],
    ["broken base64", envelope({ data_base64: "*" })],
    ["base64 that is no text", envelope({ data_base64: 1 })],
    ["another version", envelope({ specversion: "2.0" })],
  ])("that is %s is malformed", (_, bytes) => {
    expect(fromStructured(bytes).kind).toBe("malformed");
  });

  test("cannot reach a prototype", () => {
    const bytes = utf8(
      '{"specversion":"1.0","id":"a","source":"s","type":"t","__proto__":"x"}',
    );
    const decoded = fromStructured(bytes);
    expect(decoded).toMatchObject({ kind: "event" });
    expect(Object.prototype).toBe(Object.getPrototypeOf({}));
  });
});

test("whatever arrives, nothing is thrown", () => {
  fc.assert(fc.property(fc.uint8Array(), fc.json(), (bytes, json) => {
    fromStructured(bytes);
    fromStructured(utf8(json));
    fromBinary({ payload: bytes, properties: {} });
  }));
});
