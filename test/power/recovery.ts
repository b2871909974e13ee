/**
 * The first start after a power cut: the application opens what is left, writes
 * once more, and a relay drains the outbox.
 *
 * @module
 */

import { type Clock, createRelay, systemClock } from "@mailboat/outbox";
import {
  createMemoryTransport,
  type HistoryMessage,
} from "@mailboat/outbox/testing";
import { join } from "node:path";
import {
  type Application,
  contentOf,
  openApplication,
  type Reading,
  readingsOf,
  takeReading,
} from "./application.ts";
import type { Trial } from "./trial.ts";
import { DATABASE } from "./workload.ts";

/** A message, and its place in the outbox. */
export interface Sequenced extends HistoryMessage {
  readonly seq: number;
}

/** What was found, and what happened next. */
export interface Recovery {
  /** What `PRAGMA integrity_check` says; `ok` when nothing is wrong. */
  readonly integrity: string;
  readonly readings: readonly Reading[];
  /** The message of the first transaction after the cut. */
  readonly fresh: Sequenced;
  /** What the relay then sent, in order. */
  readonly received: readonly Sequenced[];
  /** What is left in the outbox. */
  readonly remaining: readonly string[];
}

/** The name of the first transaction after the cut. */
export const FRESH = "fresh";

const AWAY_MS = 86_400_000;
const DEFAULT_CHECKPOINT_PAGES = 1_000;

/** Goes on with a database that a power cut has left. */
export async function recover(
  folder: string,
  { synchronous }: Trial,
): Promise<Recovery> {
  const application = await openApplication({
    path: join(folder, DATABASE),
    synchronous,
    checkpointPages: DEFAULT_CHECKPOINT_PAGES,
  });
  const { client } = application;
  try {
    const check = await client.execute("PRAGMA integrity_check");
    const readings = await readingsOf(client);
    const fresh = await writeFresh(application);
    const received = await drain(application);
    const left = await client.execute(
      "SELECT id FROM mailboat_message WHERE done = 0 ORDER BY seq",
    );
    return {
      integrity: check.rows.map((row) => String(row[0])).join("; "),
      readings,
      fresh,
      received,
      remaining: left.rows.map(({ id }) => String(id)),
    };
  } finally {
    client.close();
  }
}

async function writeFresh(application: Application): Promise<Sequenced> {
  const tx = await application.client.transaction("write");
  const message = await takeReading(application, tx, {
    key: "k1",
    note: "",
    name: FRESH,
    size: 1,
  });
  const { rows } = await tx.execute({
    sql: "SELECT seq FROM mailboat_message WHERE id = ?",
    args: [message.id],
  });
  await tx.commit();
  return { ...message, seq: Number(rows[0]?.[0]) };
}

async function drain({ storage }: Application): Promise<Sequenced[]> {
  const clock = dayLater();
  const transport = createMemoryTransport({ clock });
  await createRelay({ storage, transport, clock }).drain();
  return transport.received.map(({ message }) => ({
    ...contentOf(message),
    seq: message.seq,
  }));
}

/** The lease of the relay that died need not be watched: it is long over. */
function dayLater(): Clock {
  const clock = systemClock();
  return { ...clock, nowMs: () => clock.nowMs() + AWAY_MS };
}
