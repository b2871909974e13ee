import {
  cloudEventsBinary,
  cloudEventsStructured,
  type Codec,
  compressingCodec,
  type DecodedEvent,
  decodeEvent,
  type Message,
  type ReceivedPacket,
} from "@mailboat/outbox";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { anyMessage, sampleMessage } from "../support/sample_message.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const MEBIBYTE = 2 ** 20;

/** What a consumer receives; without properties on MQTT 3.1.1. */
async function sent(
  { message, codec, protocol = 5 }: {
    readonly message: Message;
    readonly codec: Codec;
    readonly protocol?: 5 | 4;
  },
): Promise<ReceivedPacket> {
  const { payload, contentType, userProperties } = await codec.encode(message);
  if (protocol === 4) return { payload };
  const properties = {
    contentType: contentType ?? undefined,
    userProperties: Object.fromEntries(userProperties),
  };
  return { payload, properties };
}

const compress = { overBytes: 0 };
const ways = [
  ["binary mode", cloudEventsBinary(), 5],
  ["structured mode", cloudEventsStructured(), 5],
  ["structured mode on 3.1.1", cloudEventsStructured(), 4],
  [
    "compressed binary mode",
    compressingCodec(cloudEventsBinary(), compress),
    5,
  ],
  [
    "compressed structured mode",
    compressingCodec(cloudEventsStructured(), compress),
    5,
  ],
  [
    "compressed structured mode on 3.1.1",
    compressingCodec(cloudEventsStructured(), compress),
    4,
  ],
] as const;

/** Payloads that are worth compressing, among others. */
const anyLongMessage = fc.tuple(anyMessage, fc.integer({ min: 1, max: 200 }))
  .map(([message, times]) => {
    const text = new TextDecoder().decode(message.payload);
    return message.contentType.includes("json")
      ? { ...message, payload: utf8(`[${Array(times).fill(text).join(",")}]`) }
      : message;
  });

describe.each(ways)("an event in %s", (_, codec, protocol) => {
  test("arrives as it was sent, JSON as the same value", async () => {
    await fc.assert(fc.asyncProperty(anyLongMessage, async (message) => {
      const decoded = await decodeEvent(
        await sent({ message, codec, protocol }),
      );
      const { id, event: type, key, seq, contentType, headers } = message;
      expect(decoded).toMatchObject({
        event: {
          id,
          source: "/mailboat",
          type,
          time: new Date(message.enqueuedAtMs).toISOString(),
          key,
          seq,
          contentType,
          headers,
        },
      });
      expect(valueOf(decoded)).toEqual(valueOf({
        kind: "event",
        event: { data: message.payload, contentType },
      } as DecodedEvent));
    }));
  });
});

/** The data, as JSON where it is. */
function valueOf(decoded: DecodedEvent): unknown {
  if (decoded.kind === "malformed") throw new Error(decoded.reason);
  const { data, contentType } = decoded.event;
  return contentType?.includes("json") && data.length > 0
    ? JSON.parse(new TextDecoder().decode(data))
    : [...data];
}

/** An event in binary mode whose data claims an encoding. */
function encodedAs(contentencoding: string, payload: Uint8Array) {
  const userProperties = {
    specversion: "1.0",
    id: "a",
    source: "/s",
    type: "t",
    contentencoding,
  };
  return { payload, properties: { userProperties } };
}

describe("compressed data", () => {
  test("arrives byte for byte, without a trace of the encoding", async () => {
    const payload = utf8("kwh".repeat(1_000));
    const message = sampleMessage({ payload, headers: { site: "north" } });
    const codec = compressingCodec(cloudEventsBinary());
    const received = await sent({ message, codec });
    expect(received.payload.length).toBeLessThan(100);
    expect(await decodeEvent(received))
      .toMatchObject({ event: { data: payload, headers: { site: "north" } } });
    const decoded = await decodeEvent(received);
    expect(decoded).not.toHaveProperty("event.headers.contentencoding");
  });

  test.each([
    ["of an unknown encoding", encodedAs("br", utf8("x")), '"br" is not known'],
    ["that is none", encodedAs("gzip", utf8("x")), "is not gzip"],
    ["of no bytes", encodedAs("gzip", new Uint8Array()), "is not gzip"],
    [
      "that is cut off",
      encodedAs("gzip", gzipSync("x".repeat(99)).subarray(0, 15)),
      "is not gzip",
    ],
    [
      "with a wrong checksum",
      encodedAs("gzip", gzipSync("x").with(-6, 0)),
      "is not gzip",
    ],
    [
      "with something after it",
      encodedAs("gzip", Buffer.concat([gzipSync("x"), utf8("junk")])),
      "is not gzip",
    ],
  ])("%s is malformed", async (_, message, reason) => {
    expect(await decodeEvent(message)).toMatchObject({
      kind: "malformed",
      reason: expect.stringContaining(reason),
    });
  });

  test("may have as many bytes as the limit says, and not one more", async () => {
    const message = encodedAs("gzip", gzipSync(new Uint8Array(1_000)));
    expect(await decodeEvent(message, { maxDecompressedBytes: 1_000 }))
      .toMatchObject({ kind: "event" });
    expect(await decodeEvent(message, { maxDecompressedBytes: 999 }))
      .toMatchObject({
        kind: "malformed",
        reason: "The data has over 999 bytes when decompressed",
      });
  });

  test("has 16 MiB at most by default, and a bomb is not unpacked further", async () => {
    const full = encodedAs("gzip", gzipSync(new Uint8Array(16 * MEBIBYTE)));
    expect(await decodeEvent(full)).toMatchObject({ kind: "event" });
    const bomb = encodedAs("gzip", gzipSync(new Uint8Array(512 * MEBIBYTE)));
    let peak = 0;
    const before = process.memoryUsage().arrayBuffers;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }, 1);
    expect(await decodeEvent(bomb)).toMatchObject({ kind: "malformed" });
    clearInterval(watch);
    expect(peak).toBeLessThan(64 * MEBIBYTE);
  });

  test.each([-1, NaN, "1", null])(
    "is not limited by what is no number: %s",
    async (maxDecompressedBytes) => {
      const options = { maxDecompressedBytes: maxDecompressedBytes as number };
      await expect(decodeEvent({ payload: utf8("x") }, options)).rejects
        .toMatchObject({ code: "INVALID_OPTION" });
    },
  );
});
