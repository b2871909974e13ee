import type { Message } from "@mailboat/outbox";
import {
  connectAsync as subscriberAt,
  type IPublishPacket,
  type MqttClient,
} from "mqtt";
import { generate, type Packet, parser } from "mqtt-packet";
import { connect as connectSocket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { readEvent } from "../../src/logic/content_mode.ts";
import { startAedes } from "../support/aedes_broker.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Mosquitto,
  type MosquittoOptions,
  startMosquitto,
  withoutMosquitto,
} from "../support/mosquitto.ts";
import { connectTo } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

/** A client of another kind that hears everything. */
async function subscriber(
  url: string,
  protocolVersion: 5 | 4,
): Promise<{ heard: IPublishPacket[]; client: MqttClient }> {
  const client = await subscriberAt(url, { protocolVersion });
  onTestFinished(() => void client.end(true));
  const heard: IPublishPacket[] = [];
  client.on("message", (_topic, _payload, packet) => heard.push(packet));
  await client.subscribeAsync("#", { qos: 2 });
  return { heard, client };
}

async function mosquitto(options?: MosquittoOptions): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  onTestFinished(() => broker.stop());
  return broker;
}

const messages = [
  sampleMessage({ seq: 1, headers: { traceparent: "00-4bf9-01" } }),
  sampleMessage({ seq: 2, qos: 2, key: null, topic: "büro/🌡" }),
  sampleMessage({
    seq: 3,
    payload: new Uint8Array(300_000).fill(7),
    contentType: "image/png",
  }),
  sampleMessage({
    seq: 4,
    payload: new Uint8Array(0),
    contentType: "text/plain",
    responseTopic: "answers/büro",
    correlationData: Buffer.from([0, 255, 1]),
  }),
];

/** What MQTT 3.1.1 does not carry. */
const unasked = { responseTopic: null, correlationData: null };

/** What a consumer should make of the messages. */
const expectedOf = (all: readonly Message[]) =>
  all.map((message) => ({
    kind: "event",
    event: {
      id: message.id,
      type: "meter.read",
      source: "/mailboat",
      time: "2026-08-01T09:30:00.000Z",
      key: message.key,
      seq: message.seq,
      contentType: message.contentType,
      responseTopic: message.responseTopic,
      correlationData: message.correlationData,
      headers: message.headers,
    },
  }));

describe.skipIf(withoutMosquitto)("Mosquitto and MQTT 5", () => {
  test("a subscriber receives events in binary mode, byte for byte", async () => {
    const broker = await mosquitto();
    const { heard } = await subscriber(broker.url, 5);
    const connection = await connectTo(broker);
    for (const message of messages) {
      expect(await connection.send(message))
        .toEqual({ kind: "delivered", unheard: false });
    }
    await eventually(() => heard.length === 4, "all messages");
    // One of QoS 2 takes longer.
    heard.sort((a, b) => positionOf(a) - positionOf(b));
    expect(
      heard.map(({ payload, properties = {} }) =>
        readEvent({ payload: payload as Buffer, properties })
      ),
    ).toMatchObject(expectedOf(messages));
    messages.forEach(({ topic, qos, payload }, at) => {
      expect(heard[at]).toMatchObject({ topic, qos });
      expect(Buffer.compare(payload, heard[at]!.payload as Buffer)).toBe(0);
    });
  });

  test("a subscriber receives raw payloads with the id beside them", async () => {
    const broker = await mosquitto();
    const { heard } = await subscriber(broker.url, 5);
    const connection = await connectTo(broker, { format: "raw" });
    const message = messages[0]!;
    await connection.send(message);
    await eventually(() => heard.length === 1, "the message");
    expect(String(heard[0]!.payload)).toBe('{"kwh":1.0}');
    expect(heard[0]!.properties).toMatchObject({
      contentType: "application/json",
      userProperties: { id: message.id, traceparent: "00-4bf9-01" },
    });
  });

  test("what nobody subscribes to is delivered, and says so", async () => {
    const connection = await connectTo(await mosquitto());
    expect(await connection.send(sampleMessage()))
      .toEqual({ kind: "delivered", unheard: true });
  });

  test("a retained message is there for those who come later", async () => {
    const broker = await mosquitto();
    const connection = await connectTo(broker);
    await connection.send(sampleMessage({ retain: true }));
    const { heard } = await subscriber(broker.url, 5);
    await eventually(() => heard.length === 1, "the message");
    expect(heard[0]!.retain).toBe(true);
  });

  test("a second connection of the same outbox ends the first", async () => {
    const broker = await mosquitto();
    const first = await connectTo(broker);
    const stranger = await connectTo(broker, { identity: "outbox2" });
    const second = await connectTo(broker);
    expect((await first.closed).code).toMatch(/^(CONNECTION_LOST|MQTT_0x8E)$/);
    expect(await first.send(sampleMessage())).toEqual({ kind: "unavailable" });
    for (const connection of [second, stranger]) {
      expect(await connection.send(sampleMessage()))
        .toMatchObject({ kind: "delivered" });
    }
  });

  test("it drops a message of QoS 2 whose sender is cut off before PUBREL, so that PUBREC is no delivery", async () => {
    const broker = await mosquitto();
    const { heard } = await subscriber(broker.url, 5);
    const socket = connectSocket(broker.port, "127.0.0.1");
    const input = parser({ protocolVersion: 5 });
    socket.on("data", (data) => input.parse(data));
    const write = (packet: Packet) =>
      socket.write(generate(packet, { protocolVersion: 5 }));
    const answers: string[] = [];
    input.on("packet", ({ cmd }: Packet) => answers.push(cmd));
    write({ cmd: "connect", clientId: "raw", protocolVersion: 5, clean: true });
    const { topic } = sampleMessage();
    const flags = { retain: false, dup: false };
    write({
      cmd: "publish",
      topic,
      payload: "lost",
      qos: 2,
      messageId: 1,
      ...flags,
    });
    await eventually(() => answers.join() === "connack,pubrec", "PUBREC");
    socket.destroy();

    const connection = await connectTo(broker);
    await connection.send(sampleMessage());
    await eventually(() => heard.length > 0, "the message sent afterwards");
    expect(heard.map(({ payload }) => String(payload))).toEqual([
      '{"kwh":1.0}',
    ]);
  });

  test("its Receive Maximum is the window", async () => {
    const broker = await mosquitto({ config: ["max_inflight_messages 7"] });
    expect((await connectTo(broker)).window).toBe(7);
  });

  test("a message above its own limit is refused, and costs the others no attempt", async () => {
    const broker = await mosquitto({ config: ["message_size_limit 1000"] });
    const connection = await connectTo(broker);
    const large = sampleMessage({ seq: 2, payload: new Uint8Array(2_000) });
    const sends = [
      connection.send(sampleMessage()),
      connection.send(large),
      connection.send(sampleMessage({ seq: 3 })),
    ];
    const [before, refused, after] = await Promise.all(sends);
    expect(before).toMatchObject({ kind: "delivered" });
    expect(refused)
      .toMatchObject({ kind: "dead", failure: { code: "MQTT_0x95" } });
    expect(["delivered", "unknown"]).toContain(after!.kind);
    expect(await connection.closed).toMatchObject({ code: "MQTT_0x95" });
  });

  test("its death leaves what is pending unknown, and it can be reached again on its port", async () => {
    const broker = await mosquitto();
    const connection = await connectTo(broker);
    broker.process.kill("SIGSTOP");
    const send = connection.send(sampleMessage());
    await broker.stop();
    expect(await send).toEqual({ kind: "unknown" });
    expect(await connection.closed).toMatchObject({ code: "CONNECTION_LOST" });
    const { port } = broker;
    const again = await connectTo(await mosquitto({ port }));
    expect(await again.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
  });
});

describe("aedes and MQTT 3.1.1", () => {
  test.each(["url", "webUrl"] as const)(
    "a subscriber receives events in structured mode: %s",
    async (address) => {
      const broker = await startAedes();
      onTestFinished(() => broker.stop());
      const { heard } = await subscriber(broker.url, 4);
      const url = broker[address];
      const connection = await connectTo({ url }, { protocol: 4 });
      for (const message of messages) {
        expect((await connection.send(message)).kind).toBe("delivered");
      }
      await eventually(() => heard.length === 4, "all messages");
      heard.sort((a, b) => positionOf(a) - positionOf(b));
      const readable = messages.map((one) => ({ ...one, ...unasked }));
      expect(
        heard.map(({ payload }) => readEvent({ payload: payload as Buffer })),
      )
        .toMatchObject(expectedOf(readable));
    },
  );

  test("a subscriber receives raw payloads as they are", async () => {
    const broker = await startAedes();
    onTestFinished(() => broker.stop());
    const { heard } = await subscriber(broker.url, 4);
    const connection = await connectTo(broker, { protocol: 4, format: "raw" });
    await connection.send(sampleMessage());
    await eventually(() => heard.length === 1, "the message");
    expect(String(heard[0]!.payload)).toBe('{"kwh":1.0}');
  });

  test("MQTT 5 is refused", async () => {
    const broker = await startAedes();
    onTestFinished(() => broker.stop());
    await expect(connectTo(broker)).rejects.toMatchObject({
      code: "TRANSPORT_REFUSED",
      message: expect.stringContaining("protocol version"),
    });
  });

  test("a second connection of the same outbox ends the first", async () => {
    const broker = await startAedes();
    onTestFinished(() => broker.stop());
    const first = await connectTo(broker, { protocol: 4 });
    const second = await connectTo(broker, { protocol: 4 });
    expect(await first.closed).toMatchObject({ code: "CONNECTION_LOST" });
    expect(await second.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
  });
});

function positionOf({ payload, properties }: IPublishPacket): number {
  const decoded = readEvent({ payload: payload as Buffer, properties });
  return decoded.kind === "event" ? decoded.event.seq! : NaN;
}
