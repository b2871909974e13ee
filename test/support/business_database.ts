/**
 * The database of an application in a file of its own: business rows, an
 * outbox, and the answers to what a test wants to know of both.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type Reading, READING_TABLE } from "./children/reading.ts";

/** Who may move the messages. */
export interface LeaseRow {
  readonly owner: string | null;
  readonly epoch: number;
}

/** A migrated database. */
export interface BusinessDatabase {
  readonly path: string;
  readonly client: Client;
  /** Every reading that was committed, in commit order. */
  readings(): Promise<Reading[]>;
  /** Messages that are not delivered. */
  backlog(): Promise<number>;
  /** Messages that were refused. */
  failures(): Promise<number>;
  /** The highest sequence there is. */
  newestSeq(): Promise<number>;
  lease(): Promise<LeaseRow>;
  /** Lets the next relay trust its messages, whatever the last one died of. */
  trust(): Promise<unknown>;
  /** Resolves when everything is delivered. */
  drained(): Promise<void>;
}

const DRAINED_WITHIN_MS = 60_000;

/** What a message that stays behind may wait for. */
const SET_ASIDE =
  "SELECT seq, key, state, code, deaths FROM mailboat_failure LIMIT 10";

/** Creates a database that is deleted when the test ends. */
export async function createBusinessDatabase(
  parent: string = tmpdir(),
): Promise<BusinessDatabase> {
  const folder = mkdtempSync(join(parent, "mailboat-business-"));
  const path = join(folder, "app.db");
  const client = createClient({ url: `file:${path}`, timeout: 5_000 });
  onTestFinished(() => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await client.executeMultiple(`PRAGMA journal_mode=WAL; ${READING_TABLE}`);
  await libsqlStorage(client).migrate();
  const rows = async (sql: string) => (await client.execute(sql)).rows;
  const number = async (sql: string) => Number((await rows(sql))[0]?.[0]);
  const backlog = () =>
    number("SELECT count(*) FROM mailboat_message WHERE done = 0");
  return {
    path,
    client,
    async readings() {
      const found = await rows(
        "SELECT id, key, n, tx, size FROM reading ORDER BY position",
      );
      return found.map(({ id, key, n, tx, size }) => ({
        id: String(id),
        key: String(key),
        n: Number(n),
        tx: String(tx),
        size: Number(size),
      }));
    },
    backlog,
    async drained() {
      const deadlineMs = performance.now() + DRAINED_WITHIN_MS;
      while (await backlog() > 0) {
        if (performance.now() > deadlineMs) {
          const records = JSON.stringify(await rows(SET_ASIDE));
          const left = await backlog();
          throw new Error(`Never delivered: ${left} messages; ${records}`);
        }
        await pause(10);
      }
    },
    failures: () => number("SELECT count(*) FROM mailboat_failure"),
    trust: () => client.execute("UPDATE mailboat_relay SET unproven = 0"),
    newestSeq: () => number("SELECT max(seq) FROM mailboat_message"),
    async lease() {
      const [row] = await rows("SELECT owner, epoch FROM mailboat_relay");
      const owner = row?.["owner"] ?? null;
      return {
        owner: owner === null ? null : String(owner),
        epoch: Number(row?.["epoch"]),
      };
    },
  };
}
