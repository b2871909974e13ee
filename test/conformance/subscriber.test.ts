/**
 * Every subscriber does what every subscriber does.
 */

import { subscriberConformance } from "@mailboat/outbox/testing";
import { describe, test } from "vitest";
import { withoutMosquitto } from "../support/mosquitto.ts";
import {
  memorySubscriberHarness,
  mosquittoSubscriberHarness,
} from "./subscriber_harnesses.ts";

const PATIENCE_MS = 60_000;

describe("the subscriber in memory", () => {
  const create = () => memorySubscriberHarness();
  for (const { name, run } of subscriberConformance({ create })) {
    test(name, run, PATIENCE_MS);
  }
});

describe.skipIf(withoutMosquitto).each([5, 4] as const)(
  "the MQTT subscriber before Mosquitto, protocol %i",
  (protocol) => {
    const create = () => mosquittoSubscriberHarness(protocol);
    for (const { name, run } of subscriberConformance({ create })) {
      test(name, run, PATIENCE_MS);
    }
  },
);
