import {
  cloudEventsBinary,
  cloudEventsStructured,
  type DecodedEvent,
  decodeEvent,
  type Message,
} from "@mailboat/outbox";
import { CloudEvent, type CloudEventV1, MQTT } from "cloudevents";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { line } from "../support/mqtt_rig.ts";
import { anyMessage, sampleMessage } from "../support/sample_message.ts";

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const message = sampleMessage({ headers: { site: "north", hops: "3" } });

/** What is common to both modes. */
function attributesOf({ id, event, key, headers, contentType }: Message) {
  return {
    specversion: "1.0",
    id,
    source: "/mailboat",
    type: event,
    time: "2026-08-01T09:30:00.000Z",
    datacontenttype: contentType,
    ...(key === null ? {} : { partitionkey: key }),
    ...headers,
  };
}

describe("the CloudEvents SDK for JavaScript", () => {
  test("accepts a structured-mode message off the wire", async () => {
    const { broker, connection } = await line({}, {
      format: "cloudevents-structured",
    });
    await connection.send(message);
    const { payload, properties } = broker.published[0]!;
    const received = {
      PUBLISH: { "Content Type": properties?.contentType },
      headers: {},
      "User Properties": {},
      payload: String(payload),
      body: String(payload),
    };
    expect(MQTT.isEvent(received)).toBe(true);
    const event = MQTT.toEvent(received) as CloudEventV1<unknown>;
    expect(new CloudEvent(event).validate()).toBe(true);
    expect(event).toMatchObject({
      ...attributesOf(message),
      data: { kwh: 1 },
    });
  });

  test("accepts a binary-mode message off the wire", async () => {
    const { broker, connection } = await line();
    await connection.send(message);
    const { payload, properties } = broker.published[0]!;
    const headers = {
      ...properties?.userProperties as Record<string, string>,
      datacontenttype: properties?.contentType,
    };
    const body = JSON.parse(String(payload));
    const received = {
      PUBLISH: { "Content Type": properties?.contentType },
      headers,
      "User Properties": headers,
      payload: body,
      body,
    };
    expect(MQTT.isEvent(received)).toBe(true);
    const event = MQTT.toEvent(received) as CloudEventV1<unknown>;
    expect(new CloudEvent(event).validate()).toBe(true);
    expect(event).toMatchObject({
      ...attributesOf(message),
      data: { kwh: 1 },
    });
  });

  test("finds nothing wrong with any event that an outbox would store", () => {
    fc.assert(fc.property(anyMessage, (message) => {
      const { payload } = cloudEventsStructured().encode(message);
      expect(new CloudEvent(JSON.parse(textOf(payload))).validate()).toBe(true);
      const { userProperties } = cloudEventsBinary().encode(message);
      expect(new CloudEvent(Object.fromEntries(userProperties)).validate())
        .toBe(true);
    }));
  });

  test("sends events that we decode, in either mode", async () => {
    const event = new CloudEvent({
      id: "a",
      source: "/sdk",
      type: "meter.read",
      datacontenttype: "application/json",
      partitionkey: "m-1",
      data: { kwh: 42 },
    });
    const binary = MQTT.binary(event);
    const structured = MQTT.structured(event);
    const attributes = Object.entries(binary.headers)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]);
    const contentTypeOf = ({ PUBLISH }: { PUBLISH?: unknown }) =>
      (PUBLISH as Record<string, string>)["Content Type"];
    const json = (value: unknown) =>
      new TextEncoder().encode(JSON.stringify(value));
    const decoded: DecodedEvent[] = [
      await decodeEvent({
        payload: json(binary.body),
        properties: {
          contentType: contentTypeOf(binary),
          userProperties: Object.fromEntries(attributes),
        },
      }),
      await decodeEvent({
        payload: json(structured.body),
        properties: { contentType: contentTypeOf(structured) },
      }),
      await decodeEvent({ payload: json(structured.body) }),
    ];
    for (const each of decoded) {
      expect(each).toMatchObject({
        event: {
          id: "a",
          source: "/sdk",
          type: "meter.read",
          key: "m-1",
          contentType: "application/json",
          data: json({ kwh: 42 }),
        },
      });
    }
  });
});
