/**
 * Every transport does what every transport does.
 */

import { cloudEventsBinary, type Codec } from "@mailboat/outbox";
import {
  type ConformanceCase,
  transportConformance,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { withoutMosquitto } from "../support/mosquitto.ts";
import { createMosquittoHarness } from "./mosquitto_harness.ts";
import { createMemoryTransportHarness } from "./memory_transport_harness.ts";
import { createMqttHarness } from "./mqtt_harness.ts";

const lists: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "the transport in memory": transportConformance({
    create: createMemoryTransportHarness,
  }),
  "MQTT 5 before a scripted broker": transportConformance({
    create: () => createMqttHarness(),
  }),
  "MQTT 5 with a codec that takes its time": transportConformance({
    create: () => createMqttHarness({ format: slowCodec() }),
  }),
};

describe.skipIf(withoutMosquitto)("MQTT 5 before Mosquitto", () => {
  const cases = transportConformance({ create: createMosquittoHarness });
  for (const { name, run } of cases) test(name, run);
});

describe.each(Object.entries(lists))("%s", (_, cases) => {
  for (const { name, run } of cases) test(name, run);
});

/** Binary mode, the longer the earlier: what comes first is done last. */
function slowCodec(): Codec {
  const codec = cloudEventsBinary();
  return {
    encode: async (message) => {
      for (let turns = 10 - message.seq % 10; turns > 0; turns--) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return codec.encode(message);
    },
  };
}

test("every case has a name of its own", () => {
  for (const cases of Object.values(lists)) {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});
