/**
 * The MQTT subscriber before a broker that does what the test says.
 */

import { type Delivery, InputError, type Subscription } from "@mailboat/outbox";
import {
  mqttConsumer,
  mqttSubscriber,
  type MqttSubscriberOptions,
} from "@mailboat/outbox/mqtt";
import { describe, expect, onTestFinished, test } from "vitest";
import { REASONS } from "../../adapters/mqtt/reason_codes.ts";
import { eventually } from "../support/eventually.ts";
import { brokerWith, never } from "../support/mqtt_rig.ts";

const topics = ["meters/+"];

/** Subscribes for this test. */
async function subscribed(
  subscriber: ReturnType<typeof mqttSubscriber>,
): Promise<Subscription & { readonly deliveries: readonly Delivery[] }> {
  const deliveries: Delivery[] = [];
  const subscription = await subscriber.subscribe({
    identity: "billing",
    signal: never(),
    onDelivery: (delivery) => deliveries.push(delivery),
  });
  onTestFinished(() => subscription.close());
  const { window, closed, warnings = [] } = subscription;
  const close = () => subscription.close();
  return { window, closed, warnings, close, deliveries };
}

const to = (
  { url }: { readonly url: string },
  options: Partial<MqttSubscriberOptions> = {},
) => subscribed(mqttSubscriber(url, { topics, ...options }));

const advices = {
  transient: "soon",
  slow: "slow",
  config: "config",
} as Readonly<Record<string, string>>;

describe("a SUBACK", () => {
  const refusals = Object.entries(REASONS.suback)
    .filter(([, { class: kind }]) => kind !== "ok")
    .map(([code, reason]) => ({ code: Number(code), ...reason }));

  test.each(refusals)(
    "with $code is a refusal that says so: $class",
    async ({ code, name, class: kind }) => {
      const broker = await brokerWith({ grant: () => [code] });
      const error = await to(broker).catch((thrown) => thrown);
      expect(error).toMatchObject({
        code: "TRANSPORT_REFUSED",
        advice: advices[kind],
      });
      expect(error.message).toContain(name);
      expect(error.message).toContain("meters/+");
      await eventually(() => broker.sockets === 0, "the connection's end");
    },
  );

  test("of 3.1.1 that refuses is one, too", async () => {
    const broker = await brokerWith({ protocol: 4, grant: () => [0x80] });
    await expect(to(broker, { protocol: 4 })).rejects
      .toMatchObject({ code: "TRANSPORT_REFUSED", advice: "soon" });
  });

  test("that refuses the second of two filters names it", async () => {
    const broker = await brokerWith({ grant: () => [1, 0x87] });
    await expect(to(broker, { topics: ["a", "secret/b"] })).rejects
      .toThrow(/secret\/b.*MQTT_0x87: Not authorized/);
  });

  test("means what the user says", async () => {
    const broker = await brokerWith({ grant: () => [0x80] });
    const reasonCodes = { suback: { 0x80: "config" } } as const;
    await expect(to(broker, { reasonCodes })).rejects
      .toMatchObject({ advice: "config" });
  });

  test("that never comes is not waited for once the attempt is given up", async () => {
    const broker = await brokerWith({ grant: () => [] });
    await expect(to(broker)).rejects
      .toMatchObject({ code: "TRANSPORT_UNAVAILABLE" });
  });
});

describe("the connection", () => {
  test("is refused and ended with the advice of the table", async () => {
    const refusing = await brokerWith({ welcome: { code: 0x87 } });
    await expect(to(refusing)).rejects.toMatchObject({ advice: "slow" });
    const broker = await brokerWith();
    const { closed } = await to(broker);
    broker.send(Uint8Array.of(0xe0, 2, 0x8e, 0));
    expect(await closed).toMatchObject({ code: "MQTT_0x8E", advice: "slow" });
  });

  test("asks for credentials each time", async () => {
    const broker = await brokerWith();
    let asked = 0;
    const subscriber = mqttSubscriber(broker.url, {
      topics,
      credentials: () => ({ username: "u", password: `${++asked}` }),
    });
    await (await subscribed(subscriber)).close();
    await subscribed(subscriber);
    expect(broker.connects.map(({ password }) => String(password)))
      .toEqual(["1", "2"]);
  });

  test("keeps the session, and asks for retained messages once", async () => {
    const broker = await brokerWith();
    await to(broker, { sessionMs: 60_000, window: 7, maxPacketBytes: 1_000 });
    expect(broker.connects[0]).toMatchObject({
      clean: false,
      properties: {
        sessionExpiryInterval: 60,
        receiveMaximum: 7,
        maximumPacketSize: 1_000,
      },
    });
    expect(broker.subscribes[0]?.subscriptions)
      .toMatchObject([{ topic: "meters/+", qos: 1, rh: 1 }]);
  });
});

describe("the session", () => {
  test("is told to be lost when it was there, until it is there again", async () => {
    const welcome = { sessionPresent: false };
    let grants: readonly number[] = [1];
    const broker = await brokerWith({ welcome, grant: () => grants });
    const subscriber = mqttSubscriber(broker.url, { topics });
    const codes = async () => {
      const { warnings = [], close } = await subscribed(subscriber);
      await close();
      return warnings.map(({ code }) => code);
    };
    expect(await codes()).toEqual([]);
    welcome.sessionPresent = true;
    expect(await codes()).toEqual([]);
    welcome.sessionPresent = false;
    grants = [0x80];
    await expect(codes()).rejects.toThrow();
    welcome.sessionPresent = true;
    grants = [1];
    expect(await codes()).toEqual(["SESSION_LOST"]);
    expect(await codes()).toEqual([]);
  });

  test("is told to be kept for less than was asked for", async () => {
    const broker = await brokerWith({
      welcome: { properties: { sessionExpiryInterval: 60 } },
    });
    const { warnings } = await to(broker);
    expect(warnings).toMatchObject([{ code: "SESSION_SHORTENED" }]);
  });
});

describe.each([5, 4] as const)("deliveries on MQTT %i", (protocol) => {
  const publish = (messageId: number, qos: 0 | 1) => ({
    cmd: "publish" as const,
    topic: "meters/m-1",
    payload: Buffer.from([messageId]),
    ...(qos === 1 ? { messageId } : {}),
    ...{ qos, dup: false, retain: false },
  });
  const numbersOf = (deliveries: readonly Delivery[]) =>
    deliveries.map(({ payload }) => payload[0]);

  test("beyond the window are not read before there is room", async () => {
    const broker = await brokerWith({ protocol });
    const { deliveries } = await to(broker, { protocol, window: 4 });
    for (let n = 1; n <= 50; n++) broker.send(publish(n, 1));
    await eventually(() => deliveries.length >= 5, "the window");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deliveries).toHaveLength(5);
    for (let at = 0; at < 50; at++) {
      await eventually(() => deliveries.length > at, "the next");
      deliveries[at]!.acknowledge();
    }
    await eventually(() => broker.acknowledged.length === 50, "50 PUBACK");
    const all = Array.from({ length: 50 }, (_, at) => at + 1);
    expect(numbersOf(deliveries)).toEqual(all);
    expect(broker.acknowledged).toEqual(all);
  });

  test("are acknowledged in the order of their arrival", async () => {
    const broker = await brokerWith({ protocol });
    const { deliveries } = await to(broker, { protocol });
    for (const n of [1, 2, 3]) broker.send(publish(n, 1));
    await eventually(() => deliveries.length === 3, "deliveries");
    deliveries[2]!.acknowledge();
    deliveries[1]!.acknowledge();
    broker.send({ cmd: "pingresp" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(broker.acknowledged).toEqual([]);
    deliveries[0]!.acknowledge();
    await eventually(() => broker.acknowledged.length === 3, "3 PUBACK");
    expect(broker.acknowledged).toEqual([1, 2, 3]);
  });

  test("of QoS 0 come as well, and nothing is owed for them", async () => {
    const broker = await brokerWith({ protocol });
    const { deliveries } = await to(broker, { protocol, window: 2 });
    for (const n of [1, 2, 3, 4, 5]) broker.send(publish(n, 0));
    broker.send(publish(6, 1));
    for (let at = 0; at < 6; at++) {
      await eventually(() => deliveries.length > at, "the next");
      deliveries[at]!.acknowledge();
    }
    await eventually(() => broker.acknowledged.length === 1, "1 PUBACK");
    expect(broker.acknowledged).toEqual([6]);
    expect(numbersOf(deliveries)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("an option that does not do", () => {
  test.each<[string, object]>([
    ["topics", { topics: [] }],
    ["topics", { topics: ["a+"] }],
    ["topics", { topics: ["#/a"] }],
    ["topics", { topics: ["a\0"] }],
    ["window", { topics, window: 0 }],
    ["window", { topics, window: 65_536 }],
    ["sessionMs", { topics, sessionMs: 0 }],
    ["maxPacketBytes", { topics, maxPacketBytes: 1 }],
    ["protocol", { topics, protocol: 3 }],
    ["reasonCodes", { topics, reasonCodes: { auth: {} } }],
    ["keepAliveMs", { topics, keepAliveMs: 1 }],
  ])("is refused with its name: %s %j", (field, options) => {
    const make = () => mqttSubscriber("mqtt://broker", options as never);
    expect(make).toThrow(InputError);
    expect(make).toThrow(/^Cannot create an MQTT subscriber as/);
    expect(make).toThrow(expect.objectContaining({
      field: expect.stringContaining(field),
    }));
  });

  test("is refused by the consumer in the same words", () => {
    expect(() => mqttConsumer("http://broker", { mqtt: { topics } } as never))
      .toThrow(/^Cannot connect over MQTT as url/);
    expect(() => mqttConsumer("mqtt://broker", { mqtt: {} } as never))
      .toThrow(/^Cannot create an MQTT subscriber as topics/);
    expect(() => mqttSubscriber("mqtt://b", { topics, tls: {} } as never))
      .toThrow(InputError);
  });
});
