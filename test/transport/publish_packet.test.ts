import fc from "fast-check";
import { generate, type IPublishPacket } from "mqtt-packet";
import { expect, test } from "vitest";
import {
  encodePublish,
  encodePubrel,
  packetBytes,
  type Publication,
} from "../../adapters/mqtt/publish_packet.ts";
import { anyMessage } from "../support/sample_message.ts";

const anyPublication: fc.Arbitrary<Publication> = anyMessage.chain((message) =>
  fc.record({
    ...constants(message, "topic", "payload", "qos", "retain"),
    properties: fc.option(fc.constant({
      contentType: message.contentType,
      userProperties: { ...message.headers, id: message.id },
    })),
  })
);
const packetId = fc.integer({ min: 1, max: 65_535 });

function constants<T, K extends keyof T>(
  value: T,
  ...keys: K[]
): { [P in K]: fc.Arbitrary<T[P]> } {
  const pairs = keys.map((key) => [key, fc.constant(value[key])]);
  return Object.fromEntries(pairs) as { [P in K]: fc.Arbitrary<T[P]> };
}

/** The same packet by another hand. */
function reference(publication: Publication, messageId: number): Buffer {
  const { properties, payload, ...rest } = publication;
  const packet: IPublishPacket = {
    cmd: "publish",
    dup: false,
    messageId,
    ...rest,
    payload: Buffer.from(payload),
    ...(properties === null ? {} : { properties }),
  };
  const protocolVersion = properties === null ? 4 : 5;
  return generate(packet, { protocolVersion });
}

test("a packet is what another encoder makes of it, to the byte", () => {
  fc.assert(fc.property(anyPublication, packetId, (publication, id) => {
    const bytes = encodePublish(publication, id);
    expect(Buffer.from(bytes).toString("hex"))
      .toBe(reference(publication, id).toString("hex"));
  }));
});

test.each([127, 128, 16_383, 16_384, 65_535])(
  "lengths around %s bytes are told right",
  (length) => {
    for (const bytes of [length - 20, length - 10, length - 1, length]) {
      const text = "é".repeat(Math.floor(bytes / 2)) + "x".repeat(bytes % 2);
      const publication: Publication = {
        topic: text,
        payload: new Uint8Array(bytes),
        qos: 1,
        retain: false,
        properties: { contentType: text, userProperties: { a: text } },
      };
      const expected = reference(publication, 1);
      expect(packetBytes(publication)).toBe(expected.length);
      expect(Buffer.compare(encodePublish(publication, 1), expected)).toBe(0);
    }
  },
);

test("the size is known without encoding", () => {
  fc.assert(fc.property(anyPublication, (publication) => {
    expect(packetBytes(publication))
      .toBe(reference(publication, 1).length);
  }));
});

test("a payload of megabytes has a length of four bytes", () => {
  const payload = new Uint8Array(3 * 2 ** 20);
  const publication: Publication = {
    topic: "a",
    payload,
    qos: 1,
    retain: false,
    properties: null,
  };
  const expected = reference(publication, 1);
  expect(packetBytes(publication)).toBe(expected.length);
  expect(Buffer.compare(encodePublish(publication, 1), expected)).toBe(0);
});

test("PUBREL is what another encoder makes of it", () => {
  fc.assert(fc.property(packetId, (messageId) => {
    expect(Buffer.from(encodePubrel(messageId)))
      .toEqual(generate({ cmd: "pubrel", messageId }));
  }));
});
