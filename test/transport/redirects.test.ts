import { type Transport, TransportError } from "@mailboat/outbox";
import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";
import type { IConnackPacket } from "mqtt-packet";
import { generate } from "mqtt-packet";
import { describe, expect, onTestFinished, test } from "vitest";
import { brokerWith, never } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

/** A broker that sends everybody elsewhere. */
const redirecting = (reasonCode: number, serverReference?: string) =>
  brokerWith({
    welcome: generate(
      {
        cmd: "connack",
        sessionPresent: false,
        reasonCode,
        ...(serverReference === undefined
          ? {}
          : { properties: { serverReference } }),
      } as IConnackPacket,
      { protocolVersion: 5 },
    ),
  });

/** Connects; returns the connection, or what the error advises. */
async function attempt(transport: Transport) {
  try {
    const connection = await transport.connect({
      identity: "a",
      signal: never(),
    });
    onTestFinished(() => connection.close());
    return connection;
  } catch (error) {
    if (error instanceof TransportError) return error.advice;
    throw error;
  }
}

const codes = [[0x9c, "soon"], [0x9d, "config"]] as const;

describe.each(codes)("a redirect by code %s", (code, ignored) => {
  test("is followed once, with the credentials", async () => {
    const other = await brokerWith();
    const home = await redirecting(code, `127.0.0.1:${other.port}`);
    const transport = mqttTransport(home.url, { username: "u", password: "p" });
    expect(await attempt(transport)).toBe("at-once");
    const connection = await attempt(transport);
    if (typeof connection === "string") throw new Error("No connection");
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
    expect(other.connects).toMatchObject([{ username: "u" }]);
    expect(other.published.length).toBe(1);
    expect(await attempt(transport)).toBe("at-once");
    expect(home.connects.length).toBe(2);
  });

  test("from one server to the next is not followed", async () => {
    const third = await brokerWith();
    const second = await redirecting(code, `127.0.0.1:${third.port}`);
    const home = await redirecting(code, `127.0.0.1:${second.port}`);
    const transport = mqttTransport(home.url);
    expect(await attempt(transport)).toBe("at-once");
    expect(await attempt(transport)).toBe(ignored);
    expect(await attempt(transport)).toBe("at-once");
    expect([home, second, third].map(({ connects }) => connects.length))
      .toEqual([2, 1, 0]);
  });

  test("is refused on request", async () => {
    const other = await brokerWith();
    const home = await redirecting(code, `127.0.0.1:${other.port}`);
    const transport = mqttTransport(home.url, { redirects: "refuse" });
    expect(await attempt(transport)).toBe(ignored);
    expect(await attempt(transport)).toBe(ignored);
    expect(other.connects).toEqual([]);
  });

  test.each([
    undefined,
    "",
    "user:secret@host",
    "mqtt://host",
    "host/path",
    "host:0",
    "host:65536",
    "host:port",
    "host;rm",
    "[::1",
    "[1:2]",
    "-host",
    "a".repeat(254),
  ])("without a usable reference is none: %s", async (reference) => {
    const home = await redirecting(code, reference);
    const transport = mqttTransport(home.url);
    expect(await attempt(transport)).toBe(ignored);
    expect(await attempt(transport)).toBe(ignored);
    expect(home.connects.length).toBe(2);
  });
});

test("of several servers the first is taken that is another one", async () => {
  const other = await brokerWith();
  const home = await redirecting(0x9c, "");
  const list = `http://no ${new URL(home.url).host} LOCALHOST:${other.port} b`;
  const sender = await redirecting(0x9c, list);
  const transport = mqttTransport(sender.url);
  expect(await attempt(transport)).toBe("at-once");
  await attempt(transport);
  expect(home.connects.length + other.connects.length).toBe(1);
});

test("an open connection is redirected by DISCONNECT", async () => {
  const other = await brokerWith();
  const home = await brokerWith();
  const transport = mqttTransport(home.url);
  const connection = await attempt(transport);
  if (typeof connection === "string") throw new Error("No connection");
  home.send({
    cmd: "disconnect",
    reasonCode: 0x9c,
    properties: { serverReference: `127.0.0.1:${other.port}` },
  });
  expect(await connection.closed)
    .toMatchObject({ code: "MQTT_0x9C", advice: "at-once" });
  await attempt(transport);
  expect(other.connects.length).toBe(1);
});

test("the other server is named in errors, and the first in the transport", async () => {
  const home = await redirecting(0x9c, "[::1]:1");
  const transport = mqttTransport(home.url);
  await attempt(transport);
  const request = { identity: "a", signal: never() };
  await expect(transport.connect(request)).rejects.toThrow("mqtt://[::1]:1");
  expect(transport.name).toBe(home.url);
});

test.each(["Follow", true, null])(
  "a switch is follow or refuse, not %s",
  (redirects) => {
    const options = { redirects } as MqttTransportOptions;
    expect(() => mqttTransport("mqtt://broker", options))
      .toThrow("redirects must be follow or refuse");
  },
);
