import { describe, expect, test } from "vitest";
import {
  checkedLimits,
  type Measured,
  type MessageLimits,
  misfitOf,
} from "../../src/logic/message_limits.ts";

const message = (rest: Partial<Measured> = {}): Measured => ({
  topic: "a/b",
  payload: new Uint8Array(10),
  qos: 1,
  retain: false,
  ...rest,
});

describe("a limit", () => {
  test.each<[string, Omit<MessageLimits, "name">, Partial<Measured>]>([
    ["of a topic's bytes", { maxTopicBytes: 4 }, { topic: "éé" }],
    ["of a topic's levels", { maxTopicLevels: 3 }, { topic: "/b/" }],
    ["of a payload", { maxPayloadBytes: 10 }, {}],
    ["of a packet", { maxPacketBytes: 13 }, {}],
    ["of the quality of service", { maxQos: 2 }, { qos: 2 }],
    ["of retained messages", { retain: true }, { retain: true }],
  ])("%s is kept to the last", (_, limits, rest) => {
    expect(misfitOf(message(rest), { name: "X", ...limits })).toBeNull();
  });

  test.each<
    [string, Omit<MessageLimits, "name">, Partial<Measured>, string, string]
  >([
    [
      "of a topic's bytes",
      { maxTopicBytes: 4 },
      { topic: "ééx" },
      "INVALID_TOPIC",
      "at most 4 bytes for X",
    ],
    [
      "of a topic's levels",
      { maxTopicLevels: 3 },
      { topic: "/b//" },
      "INVALID_TOPIC",
      "at most 3 levels for X",
    ],
    [
      "of a payload",
      { maxPayloadBytes: 9 },
      {},
      "PAYLOAD_TOO_LARGE",
      "at most 9 bytes for X",
    ],
    [
      "of a packet",
      { maxPacketBytes: 12 },
      {},
      "PAYLOAD_TOO_LARGE",
      "at most 9 bytes for X",
    ],
    [
      "of the quality of service",
      { maxQos: 1 },
      { qos: 2 },
      "INVALID_EVENT",
      "1 for X: define the event so",
    ],
    [
      "of retained messages",
      { retain: false },
      { retain: true },
      "INVALID_EVENT",
      "false for X: define the event so",
    ],
  ])("%s is not passed", (_, limits, rest, code, required) => {
    expect(misfitOf(message(rest), { name: "X", ...limits }))
      .toMatchObject({ code, required });
  });
});

describe("limits", () => {
  test.each<[string, unknown, string]>([
    ["no object", 1, "limits"],
    ["nothing", null, "limits"],
    ["no name", {}, "limits.name"],
    ["a QoS of 0", { name: "X", maxQos: 0 }, "limits.maxQos"],
    ["a text", { name: "X", retain: "no" }, "limits.retain"],
    ["no bytes", { name: "X", maxTopicBytes: 0 }, "limits.maxTopicBytes"],
    ["no levels", { name: "X", maxTopicLevels: 0 }, "limits.maxTopicLevels"],
    ["NaN", { name: "X", maxPayloadBytes: NaN }, "limits.maxPayloadBytes"],
    ["a text", { name: "X", maxPacketBytes: "1" }, "limits.maxPacketBytes"],
  ])("that are no limits are refused: %s", (_, limits, field) => {
    expect(() => checkedLimits("create an outbox", limits as MessageLimits))
      .toThrow(expect.objectContaining({ code: "INVALID_OPTION", field }));
  });
});
