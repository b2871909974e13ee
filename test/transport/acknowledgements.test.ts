import fc from "fast-check";
import { generate, type Packet } from "mqtt-packet";
import { expect, test } from "vitest";
import {
  type Acknowledgement,
  AcknowledgementReader,
} from "../../adapters/mqtt/acknowledgements.ts";

/** Reads a stream that arrives in pieces of these sizes, the last one over and over. */
function read(stream: Uint8Array, sizes: readonly number[]): Acknowledgement[] {
  const reader = new AcknowledgementReader();
  const found: Acknowledgement[] = [];
  reader.onRead = (some) => found.push(...some);
  let at = 0;
  for (let turn = 0; at < stream.length; turn++) {
    const size = sizes[Math.min(turn, sizes.length - 1)]!;
    reader.read(stream.subarray(at, at + size));
    at += size;
  }
  return found;
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const text = fc.string({ unit: "grapheme", maxLength: 60 });

const acknowledgement: fc.Arbitrary<Acknowledgement> = fc.oneof(
  ...(["puback", "pubrec"] as const).map((type) =>
    fc.record({
      type: fc.constant(type),
      packetId: fc.integer({ min: 1, max: 65_535 }),
      code: fc.constantFrom(0x00, 0x10, 0x80, 0x97),
      text,
    })
  ),
  fc.record({
    type: fc.constant("pubcomp" as const),
    packetId: fc.integer({ min: 1, max: 65_535 }),
    code: fc.constantFrom(0x00, 0x92),
    text,
  }),
);

/** What else a broker may send to a client that only publishes, and more. */
const other: fc.Arbitrary<Packet> = fc.constantFrom<Packet>(
  { cmd: "connack", sessionPresent: false, reasonCode: 0 },
  { cmd: "pingresp" },
  {
    cmd: "publish",
    topic: "a",
    payload: "@".repeat(300),
    qos: 0,
    dup: false,
    retain: false,
  },
);

function encode({ type, packetId, code, text }: Acknowledgement): Buffer {
  const properties = {
    userProperties: { first: "of all" },
    ...(text === "" ? {} : { reasonString: text }),
  };
  const packet = {
    cmd: type,
    messageId: packetId,
    reasonCode: code,
    properties,
  };
  return generate(packet as Packet, { protocolVersion: 5 });
}

test("acknowledgements are found in any stream, in whatever pieces it comes", () => {
  const stream = fc.array(fc.oneof(acknowledgement, other), { maxLength: 20 });
  fc.assert(fc.property(stream, sizes, (packets, sizes) => {
    const bytes = Buffer.concat(
      packets.map((packet) =>
        "type" in packet
          ? encode(packet)
          : generate(packet, { protocolVersion: 5 })
      ),
    );
    expect(read(bytes, sizes)).toEqual(
      packets.filter((packet) => "type" in packet),
    );
  }));
});

test("an acknowledgement of two bytes, as all are on 3.1.1, means success", () => {
  expect(read(Uint8Array.of(0x40, 2, 0x12, 0x34), [1])).toEqual([
    { type: "puback", packetId: 0x1234, code: 0, text: "" },
  ]);
});

test("every reason code is told as it was sent", () => {
  for (let code = 0; code < 256; code++) {
    expect(read(Uint8Array.of(0x50, 3, 0, 1, code), [5])).toEqual([
      { type: "pubrec", packetId: 1, code, text: "" },
    ]);
  }
});

test("an acknowledgement that is far too long is read as far as needed", () => {
  const reasonString = "x".repeat(60_000);
  const long = generate(
    {
      cmd: "puback",
      messageId: 1,
      reasonCode: 0x97,
      properties: { reasonString },
    },
    { protocolVersion: 5 },
  );
  const next = Uint8Array.of(0x40, 2, 0, 2);
  const [first, second] = read(Buffer.concat([long, next]), [4_096]);
  expect(first).toMatchObject({ packetId: 1, code: 0x97 });
  expect(first?.text).toMatch(/^x{1000,1024}$/);
  expect(second).toMatchObject({ packetId: 2 });
});

test("whatever arrives, nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), sizes, (bytes, sizes) => {
      read(bytes, sizes);
    }),
    { numRuns: 1_000 },
  );
});
