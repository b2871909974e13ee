/**
 * What a consumer makes of messages that are delivered again, and of
 * connections that end in the middle of things.
 */

import {
  type Subscriber,
  type SubscribeRequest,
  systemRandom,
} from "@mailboat/outbox";
import { describe, expect, it } from "vitest";
import { consumerRig, reading } from "./consumer_rig.ts";

const HOUR_MS = 3_600_000;

describe("a message that is delivered again", () => {
  it("waits for the copy that is under way, though it has no key", async () => {
    const release: (() => void)[] = [];
    const rig = await consumerRig({
      handler: {
        prepare: () => new Promise<void>((resolve) => release.push(resolve)),
        act: (tx, { id }) => tx.put("reading", id, {}),
      },
    });
    const message = reading("a", 1);
    const { partitionkey: _, ...attributes } = message.properties!
      .userProperties!;
    const properties = { ...message.properties, userProperties: attributes };
    rig.subscriber.publish({ ...message, properties });
    await rig.pass();
    rig.subscriber.cut();
    await rig.pass(60_000);
    expect(release).toHaveLength(1);
    release[0]!();
    await rig.pass();
    release[1]!();
    await rig.pass();
    expect(rig.consumer.status().counters)
      .toMatchObject({ handled: 1, duplicates: 1 });
    expect(rig.subscriber.waiting).toEqual([]);
  });

  it("is tried again when its time has come, and not when it is delivered", async () => {
    let tries = 0;
    const rig = await consumerRig({
      maxAttempts: 100,
      retryBaseMs: HOUR_MS,
      retryCapMs: HOUR_MS,
      random: { ...systemRandom(), fraction: () => 0.99 },
      handler: () => {
        tries += 1;
        throw new Error("Not yet");
      },
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass();
    for (let cut = 0; cut < 20; cut++) {
      rig.subscriber.cut();
      await rig.pass(1_000);
      rig.consumer.online();
      await rig.pass(1);
    }
    expect(rig.subscriber.connected).toBe(true);
    expect(tries).toBe(1);
    await rig.pass(HOUR_MS);
    expect(tries).toBe(2);
  });

  it("keeps its order behind one that comes of an older connection", async () => {
    const release: (() => void)[] = [];
    const started: string[] = [];
    const rig = await consumerRig({
      handler: {
        prepare: ({ id }) => {
          started.push(id);
          return new Promise<void>((resolve) => release.push(resolve));
        },
        act: (tx, { id }) => tx.put("reading", id, {}),
      },
    });
    for (const kwh of [1, 2, 3]) rig.subscriber.publish(reading("a", kwh));
    for (let n = 0; n < 12; n++) {
      await rig.pass();
      if (n % 2 === 0) {
        rig.subscriber.cut();
        await rig.pass(60_000);
      }
      for (const resolve of release.splice(0)) resolve();
    }
    await rig.pass(60_000);
    for (const resolve of release.splice(0)) resolve();
    await rig.pass(60_000);
    expect([...rig.storage.rows("reading").keys()])
      .toEqual(["a 1", "a 2", "a 3"]);
    const firsts = started.filter((id, at) => started.indexOf(id) === at);
    expect(firsts).toEqual(["a 1", "a 2", "a 3"]);
  });
});

/** A broker that delivers what it kept before it says no. */
function deliveringAndRefusing(count: number): Subscriber & {
  readonly requests: SubscribeRequest[];
} {
  const requests: SubscribeRequest[] = [];
  return {
    name: "refusing",
    requests,
    subscribe: (request) => {
      requests.push(request);
      deliver(request, count);
      return Promise.reject(new Error("No"));
    },
  };
}

function deliver({ onDelivery }: SubscribeRequest, count: number): void {
  for (let n = 0; n < count; n++) {
    onDelivery({ ...reading("a", n), acknowledge: () => {} });
  }
}

describe("a connection that delivers and then fails", () => {
  it("leaves no more behind than it delivered, however often", async () => {
    const subscriber = deliveringAndRefusing(8);
    const rig = await consumerRig({
      subscriber,
      handler: {
        prepare: () => new Promise<void>(() => {}),
        act: () => {},
      },
    });
    await rig.pass(HOUR_MS);
    expect(subscriber.requests.length).toBeGreaterThan(50);
    expect(rig.consumer.status().pending).toBeLessThanOrEqual(9);
  });

  it("is not listened to once it was given up", async () => {
    const requests: SubscribeRequest[] = [];
    const rig = await consumerRig({
      connectTimeoutMs: 100,
      reconnectBaseMs: HOUR_MS,
      reconnectCapMs: HOUR_MS,
      subscriber: {
        name: "silent",
        subscribe: (request) => {
          requests.push(request);
          return new Promise(() => {});
        },
      },
    });
    await rig.pass(101);
    deliver(requests[0]!, 8);
    await rig.pass();
    expect(rig.written).toEqual([]);
  });

  it("is stopped while it is opened", async () => {
    const rig = await consumerRig({
      subscriber: { name: "silent", subscribe: () => new Promise(() => {}) },
    });
    const stopping = rig.consumer.stop();
    await rig.pass();
    await stopping;
    expect(rig.consumer.status().state).toBe("stopped");
  });
});

describe("the wait before the next connection", () => {
  it("does not begin anew when old work ends while the broker is away", async () => {
    const release: (() => void)[] = [];
    const rig = await consumerRig({
      handler: {
        prepare: () => new Promise<void>((resolve) => release.push(resolve)),
        act: () => {},
      },
    });
    rig.subscriber.publish(reading("a", 1));
    await rig.pass();
    rig.subscriber.reachable = false;
    rig.subscriber.cut();
    await rig.pass(HOUR_MS);
    const before = rig.consumer.status().link;
    release[0]!();
    await rig.pass(60_000);
    const after = rig.consumer.status().link;
    const tries = (link: typeof before) =>
      link.kind === "waiting" ? link.tries : 0;
    expect(tries(after)).toBeGreaterThan(tries(before));
  });
});

it("goes on whatever an observer does, and whatever comes in", async () => {
  const requests: SubscribeRequest[] = [];
  const rig = await consumerRig({
    observe: () => {
      throw new Error("Broken");
    },
    subscriber: {
      name: "strange",
      subscribe: (request) => {
        requests.push(request);
        return Promise.resolve({
          window: 8,
          closed: new Promise(() => {}),
          close: () => Promise.resolve(),
        });
      },
    },
  });
  await rig.pass();
  const acknowledge = () => {};
  const { onDelivery } = requests[0]!;
  const payload = new Uint8Array([0x7b]);
  const hostile = {
    get contentType(): string {
      throw new Error("No");
    },
  };
  onDelivery({ topic: "x", payload, acknowledge });
  onDelivery({ topic: "x", payload, properties: hostile, acknowledge });
  onDelivery({ ...reading("a", 1), acknowledge });
  await rig.pass(1_000);
  expect(rig.written).toEqual(["a 1"]);
  expect(rig.consumer.status().counters.setAside).toBeGreaterThanOrEqual(1);
});
