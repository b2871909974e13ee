import { expect, test } from "vitest";
import type { Connection, Message, Outcome } from "../../mod.ts";
import {
  type ConnectFault,
  createFaultyTransport,
  createMemoryTransport,
  createVirtualClock,
  type MemoryTransport,
  type SendFault,
  transportConformance,
} from "../../src/testing/mod.ts";
import { createMemoryTransportHarness } from "../conformance/memory_transport_harness.ts";
import { draft } from "../support/relay_rig.ts";

const request = { identity: "outbox", signal: new AbortController().signal };

const cases = transportConformance({
  create: () =>
    createMemoryTransportHarness((one) => createFaultyTransport(one, {})),
});
for (const { name, run } of cases) test(`without a rule: ${name}`, run);

test.each<[ConnectFault, string]>([
  ["unavailable", "TRANSPORT_UNAVAILABLE"],
  ["refuse", "TRANSPORT_REFUSED"],
])("connecting fails by the rule: %s", async (fault, code) => {
  const broker = memory();
  const transport = createFaultyTransport(broker, {
    connect: (n) => n === 1 ? fault : "ok",
  });
  await expect(transport.connect(request)).rejects.toMatchObject({ code });
  expect(broker.connections).toBe(0);
  await transport.connect(request);
  expect(broker.connections).toBe(1);
});

test("connecting hangs until it is given up", async () => {
  const transport = createFaultyTransport(memory(), { connect: () => "hang" });
  const controller = new AbortController();
  const { signal } = controller;
  const connecting = transport.connect({ identity: "outbox", signal });
  expect(await isPending(connecting)).toBe(true);
  controller.abort();
  await expect(connecting).rejects.toThrow("says hang");
  await expect(transport.connect({ identity: "outbox", signal }))
    .rejects.toThrow("says hang");
});

test.each<[SendFault, number, Outcome["kind"] | "pending"]>([
  ["ok", 1, "delivered"],
  ["refuse", 0, "retry"],
  ["hang", 0, "pending"],
  ["fail", 1, "unknown"],
  ["lose", 1, "pending"],
])("a send by the rule: %s", async (fault, taken, outcome) => {
  const { broker, connection } = await connect((_, n) =>
    n === 1 ? fault : "ok"
  );
  const sending = connection.send(message(1));
  expect(await isPending(sending)).toBe(outcome === "pending");
  expect(broker.received).toHaveLength(taken);
  if (outcome !== "pending") expect((await sending).kind).toBe(outcome);
  const later = await connection.send(message(2));
  expect(later.kind).toBe(fault === "fail" ? "unavailable" : "delivered");
  await connection.close();
  expect(await kindOf(sending)).toBe(
    outcome === "pending" ? "unknown" : outcome,
  );
});

test.each(["suspect", "silent", "limit"] as const)(
  "a connection ends at a message by the rule, with the advice %s",
  async (fault) => {
    const { broker, connection } = await connect((_, n) =>
      n === 2 ? fault : "ok"
    );
    broker.hang();
    const first = connection.send(message(1));
    expect(await connection.send(message(2))).toEqual({ kind: "unknown" });
    expect(await first).toEqual({ kind: "unknown" });
    expect(broker.received.map(({ message: { seq } }) => seq)).toEqual([1]);
    expect(await connection.closed).toMatchObject({ advice: fault });
    expect(await connection.send(message(3))).toEqual({ kind: "unavailable" });
  },
);

test("what a connection warns of is passed on", async () => {
  const warnings = [{ code: "TLS_UNVERIFIED", reason: "no" }];
  const clock = createVirtualClock();
  const broker = createMemoryTransport({ clock, warnings });
  const connection = await createFaultyTransport(broker, {}).connect(request);
  expect(connection.warnings).toEqual(warnings);
});

test("a rule is asked about each message in turn, and about none after the end", async () => {
  const asked: [string, number][] = [];
  const { connection } = await connect(({ id }, n) => {
    asked.push([id, n]);
    return "ok";
  });
  for (const n of [1, 2]) await connection.send(message(n));
  await connection.close();
  expect(await connection.send(message(3))).toEqual({ kind: "unavailable" });
  expect(asked).toEqual([["k:1", 1], ["k:2", 2]]);
});

function memory(): MemoryTransport {
  return createMemoryTransport({ clock: createVirtualClock() });
}

async function connect(
  send: (message: Message, n: number) => SendFault,
): Promise<{ broker: MemoryTransport; connection: Connection }> {
  const broker = memory();
  const transport = createFaultyTransport(broker, { send });
  return { broker, connection: await transport.connect(request) };
}

function message(n: number): Message {
  return { ...draft("k", n), seq: n, position: null };
}

async function kindOf(sending: Promise<Outcome>): Promise<string> {
  return (await sending).kind;
}

/** Whether a promise is not settled by what needs no time. */
function isPending(promise: Promise<unknown>): Promise<boolean> {
  const turns = new Promise<true>((resolve) => setTimeout(resolve, 0, true));
  return Promise.race([promise.then(() => false, () => false), turns]);
}
