import { beforeEach, describe, expect, it } from "vitest";
import type { Connection } from "../../mod.ts";
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

describe("a broker that hangs", () => {
  it("receives, and acknowledges one by one, the oldest first", async () => {
    transport.hang();
    const outcomes = sendAll(connection, 1, 2, 3);
    await clock.advance(60_000);
    expect([received(), outcomes.size]).toEqual([[1, 2, 3], 0]);
    expect(transport.acknowledge()).toBe(1);
    await clock.idle();
    expect([...outcomes.keys()]).toEqual([1]);
    expect([transport.acknowledge(9), transport.acknowledge()]).toEqual([2, 0]);
  });

  it("goes on where it stopped when it is released", async () => {
    transport.hang();
    const outcomes = sendAll(connection, 1, 2);
    transport.release();
    await connection.send(storedMessage(3));
    expect([...outcomes.keys()]).toEqual([1, 2]);
  });

  it("has nothing to acknowledge for connections that have ended", async () => {
    transport.hang();
    sendAll(connection, 1);
    transport.cut();
    connection = await connect(transport);
    sendAll(connection, 2);
    expect(transport.acknowledge(9)).toBe(1);
  });

  it("receives nothing while the wire stands still", async () => {
    await start({ arriveMs: 10 });
    transport.hang("arrival");
    const outcomes = sendAll(connection, 1, 2);
    await clock.advance(60_000);
    expect([received(), clock.pending]).toEqual([[], 0]);
    transport.release();
    await clock.idle();
    expect([received(), outcomes.size]).toEqual([[1, 2], 2]);
  });

  it("lets callers wait for a connection until it is released", async () => {
    transport.hang("connect");
    let connected = false;
    void connect(transport, "other").then(() => connected = true);
    await clock.advance(60_000);
    expect(connected).toBe(false);
    transport.release();
    await clock.idle();
    expect(connected).toBe(true);
  });

  it("lets a caller give up", async () => {
    transport.hang("connect");
    const abort = new AbortController();
    const attempt = connect(transport, "other", abort.signal);
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(attempt).rejects.toMatchObject({
      name: "TransportError",
      code: "TRANSPORT_UNAVAILABLE",
      cause: reason,
    });
    transport.release();
    await clock.idle();
    expect(transport.connections).toBe(1);
  });
});

describe("a broker that is down", () => {
  it.each(["TRANSPORT_UNAVAILABLE", "TRANSPORT_REFUSED"] as const)(
    "cuts its connections and fails connecting with %s until it is up",
    async (code) => {
      transport.down(code);
      expect(await connection.closed).toMatchObject({ code: "CUT" });
      await expect(connect(transport)).rejects.toMatchObject({ code });
      transport.up();
      connection = await connect(transport);
      expect(await connection.send(storedMessage(1))).toEqual({
        kind: "delivered",
      });
    },
  );

  it("says when to try again, until it is up", async () => {
    transport.down("TRANSPORT_REFUSED", "config");
    await expect(connect(transport)).rejects.toMatchObject({
      advice: "config",
    });
    transport.up();
    transport.down();
    await expect(connect(transport)).rejects.toMatchObject({ advice: "soon" });
  });

  it("fails those who wait for a connection", async () => {
    transport.hang("connect");
    const attempt = connect(transport, "other");
    transport.down();
    await expect(attempt).rejects.toMatchObject({
      code: "TRANSPORT_UNAVAILABLE",
      message: "Cannot connect to memory as the broker is down",
    });
  });

  it("takes the time of a connection attempt to say so, or until it is given up", async () => {
    await start({ connectMs: 0 });
    transport = createMemoryTransport({ clock, connectMs: 500 });
    transport.down();
    const ended: number[] = [];
    const abort = new AbortController();
    const note = () => ended.push(clock.monotonicMs());
    void connect(transport).catch(note);
    void connect(transport, "other", abort.signal).catch(note);
    await clock.advance(200);
    abort.abort();
    await clock.advance(800);
    expect([ended, clock.pending]).toEqual([[200, 500], 0]);
  });
});
