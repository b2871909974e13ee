import { describe, expect, test } from "vitest";
import { readEvent } from "../../src/logic/content_mode.ts";
import type { EventProperties } from "../../src/logic/received_event.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const required = { specversion: "1.0", id: "p", source: "/s", type: "t" };
const envelope = utf8(JSON.stringify({ ...required, id: "e" }));

describe("the mode is", () => {
  const cases: readonly [string, EventProperties | undefined, string | null][] =
    [
      ["structured, by the content type", {
        contentType: "application/cloudevents+json",
      }, "e"],
      ["structured, by the content type with its parameters", {
        contentType: "application/CloudEvents+JSON ; charset=utf-8",
        userProperties: required,
      }, "e"],
      ["structured without properties: MQTT 3.1.1", undefined, "e"],
      ["structured where a broker has added properties", {
        userProperties: { "received-at": "now" },
      }, "e"],
      ["binary, by the attributes", { userProperties: required }, "p"],
      ["binary, by the attributes and the type of their data", {
        contentType: "application/json",
        userProperties: required,
      }, "p"],
      ["none with a content type alone", { contentType: "text/plain" }, null],
    ];

  test.each(cases)("%s", (_, properties, id) => {
    const decoded = readEvent({ payload: envelope, properties });
    expect(decoded.kind === "event" ? decoded.event.id : null).toBe(id);
  });

  test.each([
    ["application/cloudevents-batch+json", "a batch"],
    ["application/cloudevents+avro", "cloudevents+avro"],
    ["application/cloudevents", "not known"],
    ["application/cloudevents+" + "x".repeat(300), "not known"],
  ])("not known, with a reason: %s", (contentType, reason) => {
    const properties = { contentType, userProperties: required };
    const decoded = readEvent({ payload: envelope, properties });
    expect(decoded).toMatchObject({
      kind: "malformed",
      reason: expect.stringContaining(reason),
    });
  });
});

test.each(["application/cloudevents+json", "application/json", undefined])(
  "what an answer needs is read in every mode: %s",
  (contentType) => {
    const userProperties = contentType === undefined ? {} : required;
    const properties = {
      contentType,
      userProperties,
      responseTopic: "answers",
      correlationData: Uint8Array.of(7),
    };
    expect(readEvent({ payload: envelope, properties })).toMatchObject({
      event: { responseTopic: "answers", correlationData: Uint8Array.of(7) },
    });
  },
);

test.each([undefined, null, 1, {}, { payload: "text" }, {
  payload: envelope,
  properties: { contentType: 7 },
}, {
  get payload() {
    throw new Error("no");
  },
}])("what is no message at all is malformed: %#", (message) => {
  expect(readEvent(message as never).kind).toBe("malformed");
});

describe("an example of the standard", () => {
  test("in binary mode names its content type twice (MQTT binding §3.1.4)", () => {
    const contentType = "application/json; charset=utf-8";
    const payload = utf8('{"a":1}');
    expect(readEvent({
      payload,
      properties: {
        contentType,
        userProperties: {
          specversion: "1.0",
          type: "com.example.someevent",
          time: "2018-04-05T03:56:24Z",
          id: "1234-1234-1234",
          source: "/mycontext/subcontext",
          datacontenttype: contentType,
        },
      },
    })).toEqual({
      kind: "event",
      event: {
        id: "1234-1234-1234",
        source: "/mycontext/subcontext",
        type: "com.example.someevent",
        time: "2018-04-05T03:56:24Z",
        expiryTime: null,
        key: null,
        seq: null,
        position: null,
        data: payload,
        contentType,
        responseTopic: null,
        correlationData: null,
        headers: {},
      },
    });
  });

  const common = {
    specversion: "1.0",
    type: "com.example.someevent",
    source: "/mycontext",
    id: "A234-1234-1234",
    time: "2018-04-05T17:31:00Z",
    comexampleextension1: "value",
    comexampleothervalue: 5,
  };

  test.each([
    ["bytes", {
      datacontenttype: "application/vnd.apache.thrift.binary",
      data_base64: "gAEAAQ==",
    }, Uint8Array.of(0x80, 1, 0, 1)],
    ["XML", {
      unsetextension: null,
      datacontenttype: "application/xml",
      data: '<much wow="xml"/>',
    }, utf8('<much wow="xml"/>')],
    ["an object", {
      subject: null,
      datacontenttype: "application/json",
      data: { appinfoA: "abc", appinfoB: 123, appinfoC: true },
    }, utf8('{"appinfoA":"abc","appinfoB":123,"appinfoC":true}')],
    ["a text without a type", {
      subject: null,
      data: "I'm just a string",
    }, utf8('"I\'m just a string"')],
  ])("in structured mode has %s (JSON format §3.2)", (_, members, data) => {
    const payload = utf8(JSON.stringify({ ...common, ...members }));
    const contentType = "application/cloudevents+json; charset=utf-8";
    for (const properties of [undefined, { contentType }]) {
      expect(readEvent({ payload, properties })).toEqual({
        kind: "event",
        event: {
          id: "A234-1234-1234",
          source: "/mycontext",
          type: "com.example.someevent",
          time: "2018-04-05T17:31:00Z",
          expiryTime: null,
          key: null,
          seq: null,
          position: null,
          data,
          contentType: "datacontenttype" in members
            ? members.datacontenttype
            : "application/json",
          responseTopic: null,
          correlationData: null,
          headers: {
            comexampleextension1: "value",
            comexampleothervalue: "5",
          },
        },
      });
    }
  });

  test("in batch mode is refused (JSON format §4.3)", () => {
    const contentType = "application/cloudevents-batch+json";
    expect(readEvent({ payload: utf8("[]"), properties: { contentType } }))
      .toMatchObject({ kind: "malformed" });
    expect(readEvent({ payload: utf8("[]") }))
      .toMatchObject({ kind: "malformed" });
  });
});
