/**
 * The database of a run: business rows, an outbox, and what both tell when the
 * run is over.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { join } from "node:path";
import { READING_TABLE } from "../support/children/reading.ts";

/** A migrated database. */
export class Database {
  readonly path: string;
  readonly #client: Client;

  private constructor(path: string) {
    this.path = path;
    this.#client = createClient({ url: `file:${path}`, timeout: 5_000 });
  }

  /** Creates it in a folder. */
  static async create(folder: string): Promise<Database> {
    const database = new Database(join(folder, "app.db"));
    const client = database.#client;
    await client.executeMultiple(`PRAGMA journal_mode=WAL; ${READING_TABLE}`);
    await libsqlStorage(client).migrate();
    return database;
  }

  /** The ids of the messages that are not delivered, the oldest ones only. */
  async remaining(): Promise<string[]> {
    return await this.#texts(
      "SELECT id FROM mailboat_message WHERE done = 0 ORDER BY seq LIMIT 10000",
    );
  }

  /** Those of the transactions that were committed. */
  async committed(txs: readonly string[]): Promise<ReadonlySet<string>> {
    const among = JSON.stringify(txs);
    return new Set(
      await this.#texts(
        "SELECT DISTINCT tx FROM reading WHERE tx IN (SELECT value FROM json_each(?))",
        [among],
      ),
    );
  }

  /** How many transactions left rows, and how many of them only a part of theirs. */
  async transactions(): Promise<{ whole: number; torn: number }> {
    const [whole, torn] = await this.#texts(
      `SELECT count(*) FILTER (WHERE rows = size) || ' ' || count(*) FILTER (WHERE rows <> size)
FROM (SELECT count(*) rows, max(size) size FROM reading GROUP BY tx)`,
    ).then(([counts = ""]) => counts.split(" ").map(Number));
    return { whole: whole ?? 0, torn: torn ?? 0 };
  }

  /** Whether SQLite finds its file in order. */
  async isSound(): Promise<boolean> {
    const [answer] = await this.#texts("PRAGMA integrity_check");
    return answer === "ok";
  }

  /** Closes it. */
  close(): void {
    this.#client.close();
  }

  async #texts(sql: string, args: string[] = []): Promise<string[]> {
    const { rows } = await this.#client.execute({ sql, args });
    return rows.map((row) => String(row[0]));
  }
}
