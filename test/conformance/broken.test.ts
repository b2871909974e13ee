/**
 * The proof of the cases: an adapter that breaks a promise fails the case that
 * is about it.
 */

import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
  subscriberConformance,
  transportConformance,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { storageOf, type StorageParts } from "./broken_storage.ts";
import { brokenInboxes } from "./broken_inboxes.ts";
import { brokenConnecting } from "./broken_connecting.ts";
import { brokenLeases } from "./broken_leases.ts";
import { brokenPositions } from "./broken_positions.ts";
import { brokenLetterBoxes } from "./broken_letter_boxes.ts";
import { brokenReads } from "./broken_reads.ts";
import { brokenSettles } from "./broken_settles.ts";
import { brokenSubscribers } from "./broken_subscribers.ts";
import { brokenTelling } from "./broken_telling.ts";
import { brokenTransports } from "./broken_transport.ts";
import { brokenWriters } from "./broken_writers.ts";
import { guarantees } from "./guarantees.ts";
import { createBrokenHarness } from "./memory_harness.ts";
import { createMemoryTransportHarness } from "./memory_transport_harness.ts";
import { memorySubscriberHarness } from "./subscriber_harnesses.ts";

const storages = [
  ...brokenWriters,
  ...brokenPositions,
  ...brokenReads,
  ...brokenSettles,
  ...brokenLeases,
];
const transports = [
  ...brokenTransports,
  ...brokenConnecting,
  ...brokenTelling,
];
const SOUND = {};

/** Runs one case; returns what it says. */
async function verdict(
  cases: readonly ConformanceCase[],
  name: string,
): Promise<string> {
  const found = cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`No case has the name: ${name}`);
  return await found.run().then(() => "passed", (error) => error.message);
}

describe("a broken storage", () => {
  test.each(storages)("$guarantee: $fault", async (broken) => {
    const { killedBy } = broken;
    const listOf = (one: StorageParts) =>
      storageConformance({
        create: () => createBrokenHarness(storageOf(one)),
        races: 10,
      });
    expect(await verdict(listOf(SOUND), killedBy)).toBe("passed");
    expect(await verdict(listOf(broken), killedBy)).not.toBe("passed");
  });
});

describe("a broken inbox", () => {
  test.each(brokenInboxes)("$guarantee: $fault", async (broken) => {
    const { killedBy } = broken;
    const listOf = (one: StorageParts) =>
      inboxConformance({ create: () => createBrokenHarness(storageOf(one)) });
    expect(await verdict(listOf(SOUND), killedBy)).toBe("passed");
    expect(await verdict(listOf(broken), killedBy)).not.toBe("passed");
  });
});

describe("a broken letter box", () => {
  test.each(brokenLetterBoxes)("$guarantee: $fault", async (broken) => {
    const { killedBy } = broken;
    const listOf = (one: StorageParts) =>
      letterConformance({ create: () => createBrokenHarness(storageOf(one)) });
    expect(await verdict(listOf(SOUND), killedBy)).toBe("passed");
    expect(await verdict(listOf(broken), killedBy)).not.toBe("passed");
  });
});

describe("a broken subscriber", () => {
  test.each(brokenSubscribers)(
    "$guarantee: $fault",
    async ({ killedBy, breaks }) => {
      const listOf = (change?: typeof breaks) =>
        subscriberConformance({
          create: () => memorySubscriberHarness(change),
          patienceMs: 200,
        });
      expect(await verdict(listOf(), killedBy)).toBe("passed");
      expect(await verdict(listOf(breaks), killedBy)).not.toBe("passed");
    },
  );
});

describe("a broken transport", () => {
  test.each(transports)(
    "$guarantee: $fault",
    async ({ killedBy, breaks }) => {
      const sound = transportConformance({
        create: () => createMemoryTransportHarness(),
        patienceMs: 100,
      });
      expect(await verdict(sound, killedBy)).toBe("passed");
      const broken = transportConformance({
        create: () => createMemoryTransportHarness(breaks),
        patienceMs: 100,
      });
      expect(await verdict(broken, killedBy)).not.toBe("passed");
    },
  );
});

test.each(Object.entries(guarantees))(
  "%s, %s: a broken storage proves that the kit sees to it",
  (guarantee) => {
    expect(storages.map((broken) => broken.guarantee))
      .toContain(guarantee);
  },
);
