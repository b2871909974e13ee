import type { Message } from "@mailboat/outbox";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import {
  pythonSubscriber,
  withoutPython,
} from "../support/foreign_subscriber.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { type ConnectOptions, connectTo } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const readings = Array.from({ length: 500 }, (_, at) => ({ kwh: at / 8 }));

const messages: readonly Message[] = [
  sampleMessage({ seq: 1, headers: { site: "nörd" } }),
  sampleMessage({ seq: 2, payload: utf8(JSON.stringify(readings)) }),
  sampleMessage({
    seq: 3,
    key: null,
    qos: 2,
    contentType: "application/octet-stream",
    payload: Uint8Array.of(0, 0x80, 0xff),
  }),
];

/** What a consumer in Python makes of the messages. */
async function understood(options: ConnectOptions): Promise<unknown[]> {
  const broker = await startMosquitto();
  onTestFinished(() => broker.stop());
  const { protocol = 5 } = options;
  const { lines } = await pythonSubscriber({ ...broker, protocol });
  const connection = await connectTo(broker, options);
  for (const message of messages) {
    expect(await connection.send(message)).toMatchObject({ kind: "delivered" });
  }
  await eventually(() => lines.length === 3, "all lines");
  return lines.map((line) => JSON.parse(line));
}

describe.skipIf(withoutMosquitto || withoutPython)(
  "a consumer in Python",
  () => {
    const ways: readonly (readonly [string, string, ConnectOptions])[] = [
      ["binary mode", "binary", {}],
      ["structured mode", "structured", { format: "cloudevents-structured" }],
      ["structured mode on 3.1.1", "structured", { protocol: 4 }],
      ["compressed binary mode", "binary", { compress: {} }],
      ["compressed structured mode on 3.1.1", "structured", {
        protocol: 4,
        compress: {},
      }],
    ];

    test.each(ways)("understands %s", async (_, mode, options) => {
      const compressed = options.compress ? { contentencoding: "gzip" } : {};
      expect(await understood(options)).toMatchObject([
        {
          topic: "meters/m-1",
          mode,
          attributes: {
            specversion: "1.0",
            id: messages[0]!.id,
            source: "/mailboat",
            type: "meter.read",
            partitionkey: "m-1",
            sequence: "00000000000000000001",
            datacontenttype: "application/json",
            site: "nörd",
          },
          json: { kwh: 1 },
        },
        { attributes: compressed, json: readings },
        {
          attributes: { datacontenttype: "application/octet-stream" },
          hex: "0080ff",
        },
      ]);
    });
  },
);
