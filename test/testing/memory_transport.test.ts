import { beforeEach, describe, expect, it } from "vitest";
import type { Connection, Message, Outcome } from "../../mod.ts";
import {
  createMemoryTransport,
  createVirtualClock,
  type MemoryTransport,
  type MemoryTransportOptions,
  type VirtualClock,
} from "../../src/testing/mod.ts";
import { connect, sendAll, storedMessage } from "./samples.ts";

let clock: VirtualClock;
let transport: MemoryTransport;
let connection: Connection;

beforeEach(() => start());

/** A transport with one connection. */
async function start(
  options: Partial<MemoryTransportOptions> = {},
): Promise<void> {
  clock = createVirtualClock();
  transport = createMemoryTransport({ clock, ...options });
  connection = await connect(transport);
}

const received = () => transport.received.map(({ message }) => message.seq);

describe("a memory transport", () => {
  it("receives in the order of the sends, and notes when and by whom", async () => {
    const outcomes = sendAll(connection, 1, 2);
    await clock.advance(30);
    connection = await connect(transport, "another");
    sendAll(connection, 3, 1);
    await clock.idle();
    expect(outcomes).toEqual(new Map([[1, "delivered"], [2, "delivered"]]));
    expect(transport.received.map(({ connection, atMs, attempt, message }) => [
      connection,
      atMs,
      attempt,
      message.seq,
    ])).toEqual([[1, 0, 1, 1], [1, 0, 1, 2], [2, 30, 1, 3], [2, 30, 2, 1]]);
  });

  it("keeps a copy of what it received", async () => {
    const sent = storedMessage(1);
    await connection.send(sent);
    sent.payload[0] = 0;
    expect(transport.received[0]?.message.payload[0]).not.toBe(0);
  });

  it("takes its time in virtual milliseconds, and nothing overtakes", async () => {
    const arriveMs = ({ seq }: Message) => 30 - 10 * seq;
    await start({ arriveMs, acknowledgeMs: 100 });
    const outcomes = sendAll(connection, 1, 2);
    await clock.advance(19);
    expect([received(), clock.pending]).toEqual([[], 1]);
    await clock.advance(1);
    expect(received()).toEqual([1, 2]);
    await clock.advance(99);
    expect(outcomes.size).toBe(0);
    await clock.advance(1);
    expect(outcomes.size).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it("acknowledges out of order when some acknowledgements take longer", async () => {
    await start({ acknowledgeMs: ({ seq }) => 30 - 10 * seq });
    const outcomes = sendAll(connection, 1, 2);
    await clock.advance(30);
    expect([...outcomes.keys()]).toEqual([2, 1]);
  });

  it("answers by the rule, which knows how often a message arrived", async () => {
    const failure = { code: "FULL", reason: "The queue is full" };
    const rule = (_: Message, attempt: number): Outcome =>
      attempt === 1 ? { kind: "retry", failure } : { kind: "delivered" };
    await start({ answer: rule });
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "retry",
      failure,
    });
    expect(received()).toEqual([]);
    expect(transport.refused).toMatchObject([
      { attempt: 1, message: { seq: 1 }, outcome: { kind: "retry" } },
    ]);
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "delivered",
    });
    expect(received()).toEqual([1]);
  });

  it("takes a message and loses its acknowledgement when the rule says unknown", async () => {
    await start({ answer: () => ({ kind: "unknown" }) });
    const outcomes = sendAll(connection, 1);
    await clock.advance(60_000);
    expect([received(), outcomes.size, transport.inFlight]).toEqual([
      [1],
      0,
      1,
    ]);
    await connection.close();
    await clock.idle();
    expect(outcomes).toEqual(new Map([[1, "unknown"]]));
  });

  it("never receives what the rule calls unavailable", async () => {
    await start({ answer: () => ({ kind: "unavailable" }) });
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "unavailable",
    });
    expect([...transport.received, ...transport.refused]).toEqual([]);
  });
});

describe("the end of a connection", () => {
  it("makes every pending send unknown, and is told with its reason", async () => {
    transport.hang();
    const outcomes = sendAll(connection, 1, 2);
    transport.cut({ failure: { code: "MQTT_0x8B", reason: "Shutting down" } });
    expect((await connection.closed).code).toBe("MQTT_0x8B");
    expect(outcomes).toEqual(new Map([[1, "unknown"], [2, "unknown"]]));
    expect(transport.inFlight).toBe(0);
  });

  it("is final: later sends are unavailable and nothing is received", async () => {
    await connection.close();
    await connection.close();
    expect(await connection.closed).toMatchObject({ code: "CLOSED" });
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "unavailable",
    });
    transport.cut();
    expect(await connection.closed).toMatchObject({ code: "CLOSED" });
    expect(received()).toEqual([]);
  });

  it("leaves no timer, and nothing arrives or is acknowledged after it", async () => {
    await start({
      arriveMs: ({ seq }) => seq === 1 ? 0 : 50,
      acknowledgeMs: 20,
    });
    const outcomes = sendAll(connection, 1, 2);
    await clock.idle();
    await connection.close();
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(received()).toEqual([1]);
    expect([...outcomes.values()]).toEqual(["unknown", "unknown"]);
  });

  it("loses what travels, or lets it arrive, as the cut says", async () => {
    await start({ arriveMs: 50 });
    sendAll(connection, 1);
    transport.cut({ onTheWire: "lost" });
    expect(received()).toEqual([]);
    connection = await connect(transport);
    const outcomes = sendAll(connection, 2, 3);
    transport.cut({ onTheWire: "received" });
    await clock.idle();
    expect(received()).toEqual([2, 3]);
    expect([...outcomes.values()]).toEqual(["unknown", "unknown"]);
  });

  it("comes to the older of two connections with one identity, and to no other", async () => {
    const other = await connect(transport, "other outbox");
    const newer = await connect(transport);
    expect(await connection.closed).toMatchObject({ code: "REPLACED" });
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "unavailable",
    });
    expect(await newer.send(storedMessage(2))).toEqual({ kind: "delivered" });
    expect(await other.send(storedMessage(3))).toEqual({ kind: "delivered" });
    expect(transport.connections).toBe(3);
  });

  it("comes when more is sent than the window allows", async () => {
    await start({ window: 2 });
    transport.hang();
    const outcomes = sendAll(connection, 1, 2, 3);
    expect(await connection.closed).toMatchObject({ code: "WINDOW_EXCEEDED" });
    expect(Object.fromEntries(outcomes))
      .toEqual({ 1: "unknown", 2: "unknown", 3: "unavailable" });
    expect([connection.window, transport.overruns, received()])
      .toEqual([2, 1, [1, 2]]);
  });

  it("comes at a message that the rule wants it to come at, which is not received", async () => {
    const failure = {
      code: "MQTT_0x95",
      reason: "Packet too large",
      advice: "suspect",
      onceProven: "defer",
    } as const;
    await start({
      acknowledgeMs: 10,
      answer: ({ seq }) =>
        seq === 2 ? { kind: "end", failure } : { kind: "delivered" },
    });
    const outcomes = sendAll(connection, 1, 2, 3);
    expect(await connection.closed).toEqual(failure);
    await clock.advance(1_000);
    expect(Object.fromEntries(outcomes))
      .toEqual({ 1: "unknown", 2: "unknown", 3: "unavailable" });
    expect(received()).toEqual([1]);
    expect(transport.refused.map(({ message, attempt, outcome }) => [
      message.seq,
      attempt,
      outcome.kind,
    ])).toEqual([[2, 1, "end"]]);
  });

  it("may come from within the rule, before the message is received", async () => {
    await start({
      answer: () => {
        transport.cut();
        return { kind: "delivered" };
      },
    });
    expect(await connection.send(storedMessage(1))).toEqual({
      kind: "unknown",
    });
    expect(received()).toEqual([]);
  });
});

it("warns of what it was told to warn of, on every connection", async () => {
  const warnings = [{ code: "TLS_UNVERIFIED", reason: "no verification" }];
  await start({ warnings });
  expect(connection.warnings).toEqual(warnings);
  expect((await connect(transport, "other")).warnings).toEqual(warnings);
});

it("refuses a window that lets nothing through", () => {
  expect(() => createMemoryTransport({ clock, window: 0 })).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field: "window" }),
  );
});
