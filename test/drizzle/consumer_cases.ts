/**
 * A consumer whose handlers write through drizzle, on a driver that answers at
 * once: it runs the transactions of the driver, and drizzle is put over each.
 *
 * @module
 */

import { createConsumer, createOutbox, defineEvent } from "@mailboat/outbox";
import {
  type ConformanceCase,
  createMemorySubscriber,
  type MemoryDelivery,
} from "@mailboat/outbox/testing";
import { sql } from "drizzle-orm";
import { deepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { anything } from "../support/schemas.ts";
import type { DrizzleDriver } from "./drivers.ts";

const asked = defineEvent<unknown, unknown>("asked", {
  schema: anything(),
  topic: () => "asked",
});
const answered = defineEvent<unknown, unknown>("answered", {
  schema: anything(),
  topic: () => "answered",
});

/** The cases. */
export function consumerCases(
  driver: DrizzleDriver,
): readonly ConformanceCase[] {
  return [{
    name: "consumer: what a handler wrote is committed with its answer, or not",
    run: () => inNewFolder((path) => consume(driver, path)),
  }];
}

async function consume(driver: DrizzleDriver, path: string): Promise<void> {
  const client = driver.open(path);
  client.exec("PRAGMA journal_mode=WAL; CREATE TABLE business (id TEXT)");
  const storage = driver.storage(client);
  await storage.migrate();
  const outbox = createOutbox({ storage });
  const database = driver.transactions(path);
  const subscriber = createMemorySubscriber();
  const tries: string[] = [];
  const consumer = createConsumer({
    consumer: "billing",
    subscriber,
    storage,
    database,
    handlers: (on) => [
      on(asked, async (tx, { id }) => {
        const db = driver.drizzle(tx);
        db.run(sql`INSERT INTO business VALUES (${id})`);
        outbox.enqueue(tx, answered({}, { id }));
        tries.push(id);
        await Promise.resolve();
        if (tries.length === 1) throw new Error("boom");
      }),
    ],
    retryBaseMs: 1,
  });
  const running = consumer.run();
  try {
    subscriber.publish(asking("a"));
    const isDone = () => subscriber.acknowledged.length === 1;
    await eventually(isDone, "the acknowledgement");
    deepEqual(tries, ["a", "a"]);
    const stored = (table: string) =>
      client.prepare(`SELECT id FROM ${table}`).all()
        .map((row) => (row as { id: unknown }).id);
    deepEqual([stored("business"), stored("mailboat_message")], [["a"], ["a"]]);
  } finally {
    await consumer.stop();
    await running;
    database.close();
    client.close();
  }
}

function asking(id: string): MemoryDelivery {
  return {
    topic: "asked",
    payload: new TextEncoder().encode("{}"),
    properties: {
      contentType: "application/json",
      userProperties: {
        specversion: "1.0",
        id,
        source: "/gateway",
        type: "asked",
      },
    },
  };
}

/** Works with a database file in a folder of its own. */
async function inNewFolder(
  work: (path: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-drizzle-"));
  try {
    await work(join(folder, "app.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
