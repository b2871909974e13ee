/**
 * A process that writes to one database in one manner, and counts the bytes
 * that it gave to the device.
 *
 * @module
 */

import type { Client } from "@libsql/client";
import { createOutbox, createRelay, systemClock } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { closeSync, fsyncSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createDatabase, removeDatabase } from "../database.ts";
import { writtenBytes } from "../device.ts";
import { handRow, INSERT_HAND, INSERT_READING } from "../hand_written.ts";
import { orderOf, report } from "../program.ts";
import { meterRead, readingOf } from "../reading.ts";

/** How it writes. */
export type FlashManner =
  | "business row alone"
  | "and message"
  | "and message, deleted alone"
  | "outbox and relay"
  | HurriedManner;

/** How it writes at 100 events a second, whether or not the last is recorded. */
export type HurriedManner =
  | "outbox and relay, 100/s"
  | "outbox and relay, 100/s, settleIdleMs 1,000";

/** What it is told. */
export interface FlashOrder {
  readonly manner: FlashManner;
  readonly folder: string;
  readonly events: number;
  /** Events before the count begins: tables, the lease, the first checkpoint. */
  readonly first: number;
}

/** What it found. */
export interface FlashReport {
  /** Bytes for the device, by the kernel's count of pages made dirty. */
  readonly writtenBytes: number;
  /** Groups in which several events were recorded together. */
  readonly grouped: number;
}

const KEYS = 100;
/** The shortest lease there is, and its 150th part, as 100 ms are of 15 s. */
const LEASE_MS = 100;
const EVERY_MS = 1_000 * LEASE_MS / 15_000;

/** A relay's pace. */
interface Pace {
  readonly leaseMs: number;
  /** From one event to the next. */
  readonly everyMs: number;
  readonly settleIdleMs?: number;
  /** Whether the next event waits for nobody. */
  readonly hurried?: boolean;
}

/** Time runs as it does, and the lease with it. */
const HURRIED: Pace = { leaseMs: 15_000, everyMs: 10, hurried: true };

/** The manners that are a relay's. */
const PACES: Partial<Record<FlashManner, Pace>> = {
  "outbox and relay": { leaseMs: LEASE_MS, everyMs: EVERY_MS },
  "outbox and relay, 100/s": HURRIED,
  "outbox and relay, 100/s, settleIdleMs 1,000": {
    ...HURRIED,
    settleIdleMs: 1_000,
  },
};

const { manner, folder, events, first } = orderOf<FlashOrder>();
const path = join(folder, "flash.db");
removeDatabase(path);
const client = await createDatabase(path);
const { write, rest, stop, grouped } = writerOf(manner, client);
for (let n = 0; n < first; n++) await write(n);
await rest();
mark("begin");
const before = writtenBytes();
for (let n = first; n < first + events; n++) await write(n);
await rest();
const after = writtenBytes();
mark("end");
await stop();
client.close();
await report(
  {
    writtenBytes: after - before,
    grouped: grouped(),
  } satisfies FlashReport,
);

interface Writer {
  /** Stores event `n`; where nothing hurries, waits until it is done with. */
  readonly write: (n: number) => Promise<unknown>;
  /** Waits until all that was stored is done with. */
  readonly rest: () => Promise<unknown>;
  readonly stop: () => Promise<unknown>;
  readonly grouped: () => number;
}

function writerOf(manner: FlashManner, client: Client): Writer {
  const pace = PACES[manner];
  if (pace !== undefined) return relayWriter(client, pace);
  const insert = handWriter(client, manner !== "business row alone");
  const deletes = manner === "and message, deleted alone";
  return {
    rest: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    grouped: () => 0,
    async write(n) {
      const seq = await insert(n);
      if (!deletes) return;
      const sql = "DELETE FROM hand WHERE seq = ?";
      await client.batch([{ sql, args: [seq] }], "write");
    },
  };
}

function handWriter(client: Client, withMessage: boolean) {
  return async (n: number): Promise<bigint> => {
    const reading = readingOf(n, KEYS);
    const row = { sql: INSERT_READING, args: [reading.meter, n] };
    const message = { sql: INSERT_HAND, args: Object.values(handRow(reading)) };
    const results = await client.batch(
      withMessage ? [row, message] : [row],
      "write",
    );
    return results.at(-1)?.lastInsertRowid ?? 0n;
  };
}

function relayWriter(client: Client, pace: Pace): Writer {
  const { leaseMs, everyMs, settleIdleMs, hurried = false } = pace;
  const storage = libsqlStorage(client);
  const outbox = createOutbox({ storage });
  const settles: number[] = [];
  let [stored, settled] = [0, 0];
  let onSettled = () => {};
  const relay = createRelay({
    storage,
    transport: createMemoryTransport({ clock: systemClock() }),
    leaseMs,
    ...(settleIdleMs !== undefined && { settleIdleMs }),
    observe: (event) => {
      if (event.type !== "settled") return;
      settles.push(event.delivered);
      settled += event.delivered;
      onSettled();
    },
  });
  const running = relay.run();
  let beganMs = NaN;
  const rest = async () => {
    while (settled < stored) {
      await new Promise<void>((resolve) => onSettled = resolve);
    }
  };
  return {
    rest,
    stop: () => Promise.all([relay.stop(), running]),
    grouped: () => settles.filter((delivered) => delivered !== 1).length,
    async write(n) {
      if (n === 0) beganMs = performance.now();
      await pause(Math.max(0, beganMs + n * everyMs - performance.now()));
      const reading = readingOf(n, KEYS);
      const { statements } = await outbox.prepare(meterRead(reading));
      const row = { sql: INSERT_READING, args: [reading.meter, n] };
      await client.batch([row, ...statements], "write");
      stored++;
      relay.wake();
      if (!hurried) await rest();
    },
  };
}

/** Leaves a mark in the list of system calls, for who reads it. */
function mark(name: string): void {
  const file = openSync(join(folder, name), "w");
  fsyncSync(file);
  closeSync(file);
}
