import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cloudEventsBinary,
  cloudEventsStructured,
  isJson,
} from "../../src/logic/cloudevents.ts";
import {
  type DecodedEvent,
  fromBinary,
  fromStructured,
  type ReceivedEvent,
} from "../../src/logic/received_event.ts";
import { anyMessage, sampleMessage } from "../support/sample_message.ts";

const source = "/plant/7";
const binary = cloudEventsBinary({ source });
const structured = cloudEventsStructured({ source });
const utf8 = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function eventOf(decoded: DecodedEvent): ReceivedEvent {
  if (decoded.kind === "malformed") throw new Error(decoded.reason);
  return decoded.event;
}

describe("binary mode", () => {
  test("an event is the payload, its content type, and the other attributes as they are called", () => {
    const message = sampleMessage({
      seq: 42,
      headers: { traceparent: "00-4bf92f35-00" },
    });
    const { userProperties, ...rest } = binary.encode(message);
    expect(rest).toEqual({
      payload: utf8('{"kwh":42.0}'),
      contentType: "application/json",
    });
    expect(Object.fromEntries(userProperties)).toEqual({
      specversion: "1.0",
      id: "0198c2f6-5b1a-7c3d-9a41-000000000042",
      source: "/plant/7",
      type: "meter.read",
      time: "2026-08-01T09:30:00.000Z",
      partitionkey: "m-1",
      sequence: "00000000000000000042",
      traceparent: "00-4bf92f35-00",
    });
  });

  test("what is not there is left out", () => {
    const message = sampleMessage({ key: null, enqueuedAtMs: NaN });
    const attributes = Object.fromEntries(
      binary.encode(message).userProperties,
    );
    expect(Object.keys(attributes)).not.toContain("partitionkey");
    expect(Object.keys(attributes)).not.toContain("time");
    expect(Object.keys(attributes)).not.toContain("expirytime");
  });

  test("a message with a time to live says when it expires", () => {
    const { userProperties } = binary.encode(sampleMessage({ ttlMs: 90_001 }));
    expect(userProperties)
      .toContainEqual(["expirytime", "2026-08-01T09:31:30.001Z"]);
  });

  test("an expiry that no RFC 3339 time expresses is left out", () => {
    const message = sampleMessage({
      enqueuedAtMs: 253_402_300_799_999,
      ttlMs: 1,
    });
    expect(binary.encode(message).userProperties.map(([name]) => name))
      .not.toContain("expirytime");
  });

  test("no header takes the place of an attribute", () => {
    const message = sampleMessage({ headers: { id: "x", sequence: "y" } });
    const attributes = Object.fromEntries(
      binary.encode(message).userProperties,
    );
    expect(attributes["id"]).toBe(message.id);
    expect(attributes["sequence"]).toBe("00000000000000000001");
  });

  test("whatever is sent is received", () => {
    fc.assert(fc.property(anyMessage, (message) => {
      const { payload, userProperties, contentType } = binary.encode(message);
      const properties = {
        contentType: contentType ?? undefined,
        responseTopic: message.responseTopic ?? undefined,
        correlationData: message.correlationData ?? undefined,
        userProperties: Object.fromEntries(userProperties),
      };
      const event = eventOf(fromBinary({ payload, properties }));
      expect(event).toEqual(expectedOf(message, payload));
    }));
  });
});

describe("structured mode", () => {
  test("says so in its content type, and needs no user properties", () => {
    expect(structured.encode(sampleMessage())).toMatchObject({
      contentType: "application/cloudevents+json; charset=utf-8",
      userProperties: [],
    });
  });

  test("an event with JSON is one JSON text, its data as it was written", () => {
    const message = sampleMessage({ seq: 7, headers: { site: "north" } });
    expect(textOf(structured.encode(message).payload)).toBe(
      '{"site":"north","specversion":"1.0",' +
        '"id":"0198c2f6-5b1a-7c3d-9a41-000000000007","source":"/plant/7",' +
        '"type":"meter.read","time":"2026-08-01T09:30:00.000Z",' +
        '"partitionkey":"m-1","sequence":"00000000000000000007",' +
        '"datacontenttype":"application/json","data":{"kwh":7.0}}',
    );
  });

  test.each([
    ["other than JSON", "image/png", utf8("{}"), "e30="],
    ["that only claims to be JSON", "application/json", utf8("{"), "ew=="],
    ["that is not UTF-8", "application/json", Uint8Array.of(0xff), "/w=="],
    ["with a byte order mark", "text/json", utf8("\ufeff1"), "77u/MQ=="],
  ])("data %s is written in base64", (_, contentType, payload, encoded) => {
    const message = sampleMessage({ contentType, payload });
    const envelope = JSON.parse(textOf(structured.encode(message).payload));
    expect(envelope.data_base64).toBe(encoded);
    expect(envelope).not.toHaveProperty("data");
    const event = eventOf(fromStructured(structured.encode(message).payload));
    expect(event.data).toEqual(payload);
  });

  test("no data at all has no member, and arrives as no bytes", () => {
    const message = sampleMessage({ payload: new Uint8Array(0) });
    const encoded = structured.encode(message).payload;
    expect(textOf(encoded)).not.toContain('data"');
    expect(eventOf(fromStructured(encoded)).data).toEqual(new Uint8Array(0));
  });

  test("a mebibyte of bytes survives", () => {
    const payload = Uint8Array.from({ length: 2 ** 20 }, (_, at) => at * 7);
    const contentType = "application/octet-stream";
    const message = sampleMessage({ contentType, payload });
    const event = eventOf(fromStructured(structured.encode(message).payload));
    expect(Buffer.compare(event.data, payload)).toBe(0);
  });

  test("whatever is sent is received, JSON as the same value", () => {
    fc.assert(fc.property(anyMessage, (message) => {
      const event = eventOf(fromStructured(structured.encode(message).payload));
      const { payload, contentType } = message;
      const written = isJson(contentType) && payload.length > 0
        ? utf8(JSON.stringify(JSON.parse(textOf(payload))))
        : payload;
      expect(event).toEqual({
        ...expectedOf(message, written),
        responseTopic: null,
        correlationData: null,
      });
    }));
  });
});

describe("the source", () => {
  test("is /mailboat by default", () => {
    const [first] = cloudEventsBinary().encode(sampleMessage()).userProperties
      .filter(([name]) => name === "source");
    expect(first).toEqual(["source", "/mailboat"]);
  });

  test.each(["", "a\u0000", "\ud800", 1, null, "x".repeat(65_536)])(
    "is a text that fits the wire: %j",
    (source) => {
      for (const create of [cloudEventsBinary, cloudEventsStructured]) {
        expect(() => create({ source: source as string })).toThrow(
          expect.objectContaining({ code: "INVALID_OPTION", field: "source" }),
        );
      }
    },
  );
});

test.each([
  ["application/json", true],
  ["Application/JSON; charset=utf-8", true],
  ["text/json ;a=b", true],
  ["application/vnd.meter+json", true],
  ["application/jsonlines", false],
  ["application/octet-stream; x=a/json", false],
  ["json", false],
])("the media type %s says JSON: %s", (mediaType, expected) => {
  expect(isJson(mediaType)).toBe(expected);
});

const isoOf = (atMs: number) => new Date(atMs).toISOString();

function expectedOf(
  message: ReturnType<typeof sampleMessage>,
  data: Uint8Array,
): ReceivedEvent {
  return {
    id: message.id,
    source,
    type: message.event,
    time: isoOf(message.enqueuedAtMs),
    expiryTime: message.ttlMs === null
      ? null
      : isoOf(message.enqueuedAtMs + message.ttlMs),
    key: message.key,
    seq: message.seq,
    position: message.position,
    data,
    contentType: message.contentType,
    responseTopic: message.responseTopic,
    correlationData: message.correlationData,
    headers: message.headers,
  };
}
