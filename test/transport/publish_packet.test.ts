import fc from "fast-check";
import { generate, type IPublishPacket } from "mqtt-packet";
import { expect, test } from "vitest";
import {
  encodePublish,
  encodePubrel,
  measured,
  type Publication,
  type PublicationProperties,
} from "../../adapters/mqtt/publish_packet.ts";
import { anyMessage } from "../support/sample_message.ts";

const anyPublication: fc.Arbitrary<Publication> = anyMessage.chain((message) =>
  fc.record({
    ...constants(message, "topic", "payload", "qos", "retain"),
    properties: fc.option(fc.record({
      expiryS: fc.option(fc.integer({ min: 1, max: 2 ** 32 - 1 })),
      contentType: fc.constant<string | null>(message.contentType),
      responseTopic: fc.constant(message.responseTopic),
      correlationData: fc.constant(message.correlationData),
      userProperties: fc.constant(
        Object.entries({ ...message.headers, id: message.id }),
      ),
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
    ...(properties === null ? {} : { properties: referenceOf(properties) }),
  };
  const protocolVersion = properties === null ? 4 : 5;
  return generate(packet, { protocolVersion });
}

/** Properties as the other hand takes them: what is not there is left out. */
function referenceOf(
  { expiryS, contentType, responseTopic, correlationData, userProperties }:
    PublicationProperties,
): NonNullable<IPublishPacket["properties"]> {
  return {
    ...(expiryS === null ? {} : { messageExpiryInterval: expiryS }),
    ...(contentType === null ? {} : { contentType }),
    ...(responseTopic === null ? {} : { responseTopic }),
    ...(correlationData === null
      ? {}
      : { correlationData: Buffer.from(correlationData) }),
    userProperties: Object.fromEntries(userProperties),
  };
}

test("a packet is what another encoder makes of it, to the byte", () => {
  fc.assert(fc.property(anyPublication, packetId, (publication, id) => {
    const bytes = encodePublish(measured(publication), id);
    expect(Buffer.from(bytes).toString("hex"))
      .toBe(reference(publication, id).toString("hex"));
  }));
});

/** A packet whose texts and payload have these lengths. */
function sized(
  lengths: { payload?: number; property?: number },
): Publication {
  const contentType = "é" + "x".repeat(lengths.property ?? 0);
  return {
    topic: "a",
    payload: new Uint8Array(lengths.payload ?? 0),
    qos: 1,
    retain: false,
    properties: lengths.property === undefined ? null : {
      expiryS: null,
      contentType,
      responseTopic: null,
      correlationData: null,
      userProperties: [["a", "b"]],
    },
  };
}

function expectSame(publication: Publication): void {
  const expected = reference(publication, 1);
  expect(measured(publication).packetBytes).toBe(expected.length);
  expect(Buffer.compare(encodePublish(measured(publication), 1), expected))
    .toBe(
      0,
    );
}

test.each([128, 16_384, 2_097_152])(
  "lengths take another byte from %s on",
  (limit) => {
    for (let below = 20; below >= -2; below--) {
      expectSame(sized({ payload: limit - below }));
      if (limit < 65_535) expectSame(sized({ property: limit - below }));
    }
  },
);

test("the longest texts and the longest binary data fit", () => {
  const text = "é".repeat(32_767) + "x";
  expectSame({
    ...sized({}),
    topic: text,
    properties: {
      expiryS: 2 ** 32 - 1,
      contentType: text,
      responseTopic: text,
      correlationData: new Uint8Array(65_535).fill(0xff),
      userProperties: [[text, text]],
    },
  });
});

test("the size is known without encoding", () => {
  fc.assert(fc.property(anyPublication, (publication) => {
    expect(measured(publication).packetBytes)
      .toBe(reference(publication, 1).length);
  }));
});

test("PUBREL is what another encoder makes of it", () => {
  fc.assert(fc.property(packetId, (messageId) => {
    expect(Buffer.from(encodePubrel(messageId)))
      .toEqual(generate({ cmd: "pubrel", messageId }));
  }));
});
