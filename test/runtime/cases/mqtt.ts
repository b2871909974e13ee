import {
  type ConformanceCase,
  transportConformance,
} from "@mailboat/outbox/testing";
import { createMqttHarness } from "../../conformance/mqtt_harness.ts";

/** MQTT 5 over TCP, before a broker that follows a script. */
export const cases: readonly ConformanceCase[] = transportConformance({
  create: () => createMqttHarness(),
});
