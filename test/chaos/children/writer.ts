/**
 * An application: transactions of one to three readings and their messages,
 * one in ten of which it rolls back at the end. Before it asks for either, it
 * says what it is about to do, and waits until that is on record.
 */

import { createClient, type Transaction } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  createSeededRandom,
  type HistoryMessage,
} from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { nextOrder, report as say } from "../../support/children/parent.ts";
import { readingTaken } from "../../support/children/reading.ts";
import type {
  WriterAnswer,
  WriterReport,
  WriterTask,
} from "./writer_orders.ts";

const UNLIMITED_PAGES = 4_294_967_294;
const report = (what: WriterReport) => say(what);
const told = nextOrder<WriterTask>();
report({ type: "ready" });
const { path, name, seed, keys } = await told;
const random = createSeededRandom(seed);
const client = createClient({ url: `file:${path}`, timeout: 10_000 });
const outbox = createOutbox({ storage: libsqlStorage(client) });

let answer: WriterAnswer = { isFull: false, pauseMs: 0 };
for (let count = 1;; count++) {
  await transact(`${name}.${count}`);
  await pause(answer.pauseMs);
}

async function transact(tx: string): Promise<void> {
  let open: Transaction | undefined;
  try {
    open = await client.transaction("write");
    await limitPages(open);
    const messages = await write(open, tx);
    await answered({ type: "intended", tx, messages });
    await finish(open, tx);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== "string") throw error;
    open?.close();
    // A connection that met a lock is of no more use.
    await client.reconnect();
    await answered({ type: "refused", code });
  }
}

/** Says something and waits until it is on record. */
async function answered(
  what: Extract<WriterReport, { type: "intended" | "refused" }>,
): Promise<void> {
  const next = nextOrder<WriterAnswer>();
  report(what);
  answer = await next;
}

/** A full database keeps the pages it has. */
async function limitPages(open: Transaction): Promise<void> {
  await open.execute(
    `PRAGMA max_page_count=${answer.isFull ? 1 : UNLIMITED_PAGES}`,
  );
}

async function write(
  open: Transaction,
  tx: string,
): Promise<HistoryMessage[]> {
  const size = random.integer(1, 3);
  const messages: HistoryMessage[] = [];
  for (let part = 0; part < size; part++) {
    const key = random.pick(keys);
    const last = await open.execute({
      sql: "SELECT max(n) FROM reading WHERE key = ?",
      args: [key],
    });
    const n = Number(last.rows[0]?.[0]) + 1;
    const id = outbox.newId();
    await outbox.enqueue(open, readingTaken({ key, n }, { id }));
    await open.execute({
      sql: "INSERT INTO reading (id, key, n, tx, size) VALUES (?, ?, ?, ?, ?)",
      args: [id, key, n, tx, size],
    });
    messages.push({ id, key, position: n });
  }
  return messages;
}

/** The intention stands: a COMMIT that fails may have happened all the same. */
async function finish(open: Transaction, tx: string): Promise<void> {
  if (random.chance(0.1)) {
    await open.rollback();
    report({ type: "rolledBack", tx });
  } else {
    await open.commit();
    report({ type: "committed", tx });
  }
}
