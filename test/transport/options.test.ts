import { InputError } from "@mailboat/outbox";
import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";

/** The refusal of options that must not do. */
function refusalOf(url: string, options: object = {}): InputError {
  try {
    mqttTransport(url, options as MqttTransportOptions);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("They were accepted");
}

describe("a URL", () => {
  test.each([
    ["mqtt://broker.example", "mqtt://broker.example"],
    ["mqtt://broker.example/", "mqtt://broker.example"],
    ["mqtts://u:p@broker.example:8883", "mqtts://broker.example:8883"],
    ["ws://127.0.0.1:8080/mqtt?token=t", "ws://127.0.0.1:8080/mqtt"],
    ["wss://[::1]:443/", "wss://[::1]"],
    ["mqtt://[fe80::1]:1883", "mqtt://[fe80::1]:1883"],
    ["MQTT://Broker", "mqtt://Broker"],
  ])("names its transport without secrets: %s", (url, name) => {
    expect(mqttTransport(url).name).toBe(name);
  });

  test.each([
    ["", '""'],
    ["broker.example", '"broker.example"'],
    ["http://broker.example", '"http://broker.example"'],
    ["mqtt:broker", '"mqtt:broker"'],
    ["mqtt://", '"mqtt://"'],
    ["mqtt://:secret-1@", '"mqtt://***@"'],
    ["mqtt://broker:0", '"mqtt://broker:0"'],
    ["mqtt://broker:70000", '"mqtt://broker:70000"'],
    ["mqtt://user:secret-1@host:70000", '"mqtt://***@host:70000"'],
    ["mqtt://user:secret-1#x@host", '"mqtt://***@host"'],
    ["mqtt://user:secret-1@secret-2@host/path", '"mqtt://***@host/path"'],
    ["mqtt://user:secret-1@host?token=secret-2", '"mqtt://***@host?***"'],
    ["mqtt://host#secret-1", '"mqtt://host#***"'],
    ["ws://host/mqtt#secret-1", '"ws://host/mqtt#***"'],
    ["mqtt://user:%zz@host", '"mqtt://***@host"'],
    ["user:secret-1@host", '"***@host"'],
    ["mqtt://user\nname:secret-1@ho st", '"mqtt://***@ho st"'],
  ])("that is malformed is refused, redacted: %s", (url, found) => {
    const error = refusalOf(url);
    expect(error).toMatchObject({
      code: "INVALID_OPTION",
      field: "url",
      found,
    });
    expect(inspect(error, { depth: 8 })).not.toContain("secret-");
  });

  test.each([undefined, null, 1, {}])(
    "that is no text is refused: %s",
    (url) => {
      expect(refusalOf(url as never).field).toBe("url");
    },
  );
});

describe("an option", () => {
  test.each<[keyof MqttTransportOptions, unknown]>([
    ["protocol", 3],
    ["protocol", "5"],
    ["window", 0],
    ["window", -1],
    ["window", 1.5],
    ["window", NaN],
    ["window", Infinity],
    ["window", 65_536],
    ["window", "10"],
    ["topicAliases", -1],
    ["topicAliases", 65_536],
    ["keepAliveMs", 0],
    ["keepAliveMs", 999],
    ["keepAliveMs", NaN],
    ["keepAliveMs", 65_536_000],
    ["format", "json"],
    ["format", null],
    ["format", {}],
    ["format", { encode: 1 }],
    ["clientId", ""],
    ["clientId", "a\nb"],
    ["clientId", "x".repeat(65_536)],
    ["clientId", 7],
    ["source", ""],
    ["source", "\ud800"],
    ["source", null],
    ["username", 7],
    ["username", "a\0"],
    ["password", 7],
    ["credentials", { username: "u" }],
  ])("that does not do is refused with its name: %s %j", (option, value) => {
    const options = { username: "u", [option]: value };
    if (option === "credentials") {
      delete (options as { username?: string }).username;
    }
    const error = refusalOf("mqtt://broker", options);
    expect(error).toMatchObject({ code: "INVALID_OPTION", field: option });
    expect(error.message)
      .toMatch(/^Cannot (create an MQTT transport|connect over MQTT) as/);
  });

  test("that contradicts another is refused: credentials beside a user name", () => {
    const credentials = () => ({});
    const username = "secret-1";
    expect(refusalOf("mqtt://broker", { credentials, username }).field)
      .toBe("credentials");
    expect(
      refusalOf("mqtt://secret-1:secret-2@broker", { credentials }).message,
    )
      .not.toContain("secret");
  });

  test.each(["raw", { encode: () => ({}) }])(
    "that contradicts another is refused: a source without CloudEvents",
    (format) => {
      const error = refusalOf("mqtt://broker", { source: "/s", format });
      expect(error.field).toBe("source");
      expect(error.required).toContain("left out");
    },
  );

  test("that contradicts another is refused: topic aliases on 3.1.1", () => {
    const options = { protocol: 4, topicAliases: 1 };
    expect(refusalOf("mqtt://broker", options).field).toBe("topicAliases");
  });

  test("that is incomplete is refused: a password without a user name", () => {
    const error = refusalOf("mqtt://broker", { password: "secret-1" });
    expect(error.field).toBe("username");
    expect(error.message).not.toContain("secret");
  });

  test("may stand at its bounds", () => {
    for (const window of [1, 65_535]) {
      for (const keepAliveMs of [1_000, 65_535_000]) {
        mqttTransport("mqtt://broker", { window, keepAliveMs });
      }
    }
  });
});
