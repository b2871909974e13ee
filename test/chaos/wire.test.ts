/**
 * What the wire's listener makes of what goes over it.
 */

import type { HistoryMessage } from "@mailboat/outbox/testing";
import { generate, type Packet } from "mqtt-packet";
import { expect, test } from "vitest";
import type { Listener } from "./proxy.ts";
import { Wire, type WireFacts } from "./wire.ts";

test("a message counts as taken when the broker says so, whoever is told", () => {
  const { wire, facts, taken } = rig();
  const line = connected(wire);
  line.sent(publish(1, "k", 1));
  expect(taken).toEqual([]);
  line.answered(puback(1));
  expect(taken).toEqual([{ id: "k 1", key: "k", position: 1 }]);
  line.sent(publish(2, "k", 2));
  line.answered(puback(2, 0x97));
  expect(taken).toHaveLength(1);
  expect(wire.taken.get("k")).toBe(1);
  expect(facts).toMatchObject({ published: 2, acknowledged: 1 });
});

test("packets are understood however their bytes are cut", () => {
  const { wire, taken } = rig();
  const line = connected(wire);
  for (const byte of publish(1, "k", 1)) line.sent(Uint8Array.of(byte));
  for (const byte of puback(1)) line.answered(Uint8Array.of(byte));
  expect(taken).toHaveLength(1);
});

test("two messages of a key under way are seen, until the relay is told of the first", () => {
  const { wire, facts } = rig();
  const line = connected(wire);
  line.sent(publish(1, "k", 1));
  line.sent(publish(2, "other", 1));
  expect(facts.crowded).toBe(0);
  line.answered(puback(1));
  line.sent(publish(3, "k", 2));
  expect(facts.crowded).toBe(1);
  line.told(puback(1));
  line.told(puback(3));
  line.sent(publish(4, "k", 3));
  expect(facts.crowded).toBe(1);
});

test("they are seen across connections, unless one of them is over", () => {
  const { wire, facts } = rig();
  const first = connected(wire, "one");
  first.sent(publish(1, "k", 1));
  const second = connected(wire, "two");
  second.sent(publish(1, "k", 2));
  expect(facts.crowded).toBe(1);
  second.over();
  const third = connected(wire, "three");
  first.over();
  third.sent(publish(1, "k", 3));
  expect(facts.crowded).toBe(1);
});

test("a client that connects again supersedes its earlier connection", () => {
  const { wire, facts, lost } = rig();
  const first = connected(wire);
  first.sent(publish(1, "k", 1));
  const second = connected(wire);
  expect(lost).toEqual([1]);
  second.sent(publish(1, "k", 2));
  expect(facts).toMatchObject({ crowded: 0, connections: 2 });
});

test("a copy is stale when its successor was taken", () => {
  const { wire, facts } = rig();
  const line = connected(wire);
  for (const n of [1, 2, 2]) {
    line.sent(publish(n, "k", n));
    for (const hear of ["answered", "told"] as const) line[hear](puback(n));
  }
  expect(facts.stale).toBe(0);
  line.sent(publish(4, "k", 1));
  expect(facts.stale).toBe(1);
});

test("a lost connection explains what it carried, at most a window", () => {
  const { wire, lost } = rig();
  connected(wire).over();
  expect(lost).toEqual([]);
  const line = connected(wire);
  for (let n = 1; n <= 9; n++) line.sent(publish(n, `k${n}`, 1));
  line.over();
  line.over();
  expect(lost).toEqual([4]);
});

function rig() {
  const facts: WireFacts = {
    published: 0,
    acknowledged: 0,
    connections: 0,
    crowded: 0,
    stale: 0,
  };
  const taken: HistoryMessage[] = [];
  const lost: number[] = [];
  const wire = new Wire({
    window: 4,
    facts,
    onTaken: (message) => taken.push(message),
    onLost: (duplicates) => lost.push(duplicates),
  });
  return { wire, facts, taken, lost };
}

function connected(wire: Wire, clientId = "relay"): Listener {
  const line = wire.listen();
  line.sent(bytesOf({
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 5,
    clean: true,
    keepalive: 30,
    clientId,
  }));
  line.answered(
    bytesOf({ cmd: "connack", reasonCode: 0, sessionPresent: false }),
  );
  return line;
}

function publish(messageId: number, key: string, n: number): Uint8Array {
  return bytesOf({
    cmd: "publish",
    messageId,
    topic: `readings/${key}`,
    qos: 1,
    dup: false,
    retain: false,
    payload: JSON.stringify({ key, n }),
    properties: { userProperties: { id: `${key} ${n}`, partitionkey: key } },
  });
}

function puback(messageId: number, reasonCode = 0): Uint8Array {
  return bytesOf({ cmd: "puback", messageId, reasonCode });
}

function bytesOf(packet: Packet): Uint8Array {
  return generate(packet, { protocolVersion: 5 });
}
