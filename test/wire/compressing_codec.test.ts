import {
  cloudEventsBinary,
  cloudEventsStructured,
  compressingCodec,
  rawCodec,
} from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import fc from "fast-check";
import { gunzipSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { line } from "../support/mqtt_rig.ts";
import { anyMessage, sampleMessage } from "../support/sample_message.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function ofBytes(length: number) {
  return sampleMessage({ payload: utf8("x".repeat(length)) });
}

describe("a payload", () => {
  test("is compressed when it is over the size, and that is declared", async () => {
    const codec = compressingCodec(cloudEventsBinary(), { overBytes: 500 });
    const { payload, contentType, userProperties } = await codec.encode(
      ofBytes(501),
    );
    expect(gunzipSync(payload).toString()).toBe("x".repeat(501));
    expect(contentType).toBe("application/json");
    expect(userProperties).toContainEqual(["contentencoding", "gzip"]);
  });

  test.each([
    ["of 500 bytes at a size of 500", 500, { overBytes: 500 }],
    ["of 1,024 bytes by default", 1_024, {}],
  ])("%s is encoded at once, as it is", (_, length, options) => {
    const message = ofBytes(length);
    expect(compressingCodec(cloudEventsBinary(), options).encode(message))
      .toEqual(cloudEventsBinary().encode(message));
  });

  test("of 1,025 bytes is compressed by default", async () => {
    const codec = compressingCodec(rawCodec());
    const { payload, userProperties } = await codec.encode(ofBytes(1_025));
    expect(payload.length).toBeLessThan(100);
    expect(userProperties).toContainEqual(["contentencoding", "gzip"]);
  });

  test("stays as it is when nothing is saved: what is sent is never larger", async () => {
    const sizeOf = ({ payload, userProperties }: {
      readonly payload: Uint8Array;
      readonly userProperties: readonly unknown[];
    }) => payload.length + JSON.stringify(userProperties).length;
    for (const plain of [cloudEventsBinary(), cloudEventsStructured()]) {
      const codec = compressingCodec(plain, { overBytes: 0 });
      await fc.assert(fc.asyncProperty(anyMessage, async (message) => {
        const { length } = message.payload;
        const twice = { ...message, payload: new Uint8Array(2 * length) };
        twice.payload.set(message.payload, length);
        for (const each of [message, twice]) {
          expect(sizeOf(await codec.encode(each)))
            .toBeLessThanOrEqual(sizeOf(plain.encode(each)));
        }
      }));
      // Where it is about to pay.
      for (let length = 0; length < 150; length++) {
        const payload = utf8(JSON.stringify("x".repeat(length)));
        const each = sampleMessage({ payload });
        expect(sizeOf(await codec.encode(each)))
          .toBeLessThanOrEqual(sizeOf(plain.encode(each)));
      }
    }
  });
});

test("the codec that encodes may take its time, or fail", async () => {
  const late = compressingCodec({
    encode: (message) => Promise.resolve(rawCodec().encode(message)),
  });
  expect((await late.encode(ofBytes(9_999))).payload.length).toBeLessThan(99);
  const failing = compressingCodec({
    encode: () => {
      throw new Error("no");
    },
  });
  await expect(failing.encode(ofBytes(9_999))).rejects.toThrow("no");
});

describe("over MQTT", () => {
  test.each([5, 4] as const)(
    "messages of all sizes arrive in the order of the calls, protocol %s",
    async (protocol) => {
      const { broker, connection } = await line({ protocol }, {
        compress: { overBytes: 100 },
      });
      const messages = Array.from({ length: 50 }, (_, at) => ({
        ...ofBytes(at % 3 === 0 ? 50_000 : at % 2 === 0 ? 200 : 10),
        id: `m-${at}`,
      }));
      await Promise.all(messages.map((each) => connection.send(each)));
      const ids = broker.published.map(({ payload, properties }) =>
        protocol === 5
          ? properties?.userProperties?.["id"]
          : JSON.parse(String(payload)).id
      );
      expect(ids).toEqual(messages.map(({ id }) => id));
      const sizes = broker.published.map(({ payload }) => payload.length);
      expect(Math.max(...sizes)).toBeLessThan(1_000);
    },
  );

  test("nothing is compressed unless it is asked for", async () => {
    const { broker, connection } = await line();
    await connection.send(ofBytes(9_999));
    expect(broker.published[0]?.payload.length).toBe(9_999);
  });
});

describe("the option", () => {
  test.each([true, null, 1_024])("is an object: %j", (compress) => {
    expect(() => mqttTransport("mqtt://b", { compress: compress as never }))
      .toThrow(expect.objectContaining({
        code: "INVALID_OPTION",
        field: "compress",
      }));
  });

  test.each([-1, 1.5, NaN, 268_435_456, "1"])(
    "has a size in bytes: %s",
    (overBytes) => {
      const compress = { overBytes: overBytes as number };
      expect(() => mqttTransport("mqtt://b", { compress })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", field: "overBytes" }),
      );
    },
  );

  test("contradicts raw payloads on 3.1.1, where nothing can be declared", () => {
    const options = { format: "raw", compress: {} } as const;
    expect(() => mqttTransport("mqtt://b", { ...options, protocol: 4 }))
      .toThrow(expect.objectContaining({ field: "compress" }));
    mqttTransport("mqtt://b", options);
  });

  test("is refused on a platform that cannot compress", () => {
    vi.stubGlobal("CompressionStream", undefined);
    try {
      expect(() => mqttTransport("mqtt://b", { compress: {} }))
        .toThrow("CompressionStream");
      mqttTransport("mqtt://b");
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("goes with codecs only", () => {
    expect(() => compressingCodec({} as never))
      .toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  });
});
