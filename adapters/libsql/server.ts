/**
 * A libSQL server, reached through a client of the user's.
 *
 * Every call is one request of its own: no connection is kept, none is closed.
 *
 * @module
 */

import { type Durability, InputError, shorten } from "../../mod.ts";
import type { SqliteDriver, SqlRow, SqlStatement } from "../sqlite/driver.ts";
import { survivedAt } from "../sqlite/synchronous.ts";
import type { Answered } from "./answer.ts";
import { type LibsqlResult, rowsOf } from "./result.ts";

/** What Mailboat asks of a client of a libSQL server. */
export interface LibsqlRemoteClient {
  /** `http` or `ws`; `file` for a local database. */
  readonly protocol: string;
  /** Runs one statement. */
  execute(statement: SqlStatement): Promise<LibsqlResult>;
  /** Runs statements in one transaction. */
  batch(
    statements: SqlStatement[],
    mode: "write",
  ): Promise<LibsqlResult[]>;
}

/**
 * Fails unless it is a client of a server.
 *
 * @throws {InputError} `INVALID_OPTION`, naming what takes another one.
 */
export function requireServer(
  action: string,
  client: { readonly protocol: string },
  methods: readonly string[],
): void {
  const isClient = methods.every((method) =>
    typeof (client as unknown as Record<string, unknown> | null | undefined)
      ?.[method] === "function"
  );
  if (isClient && PROTOCOLS.includes(client.protocol)) return;
  throw new InputError("INVALID_OPTION", {
    action,
    field: "client",
    required: "a client of a libSQL server (that of a local file goes to " +
      "libsqlStorage; beside an embedded replica, make one of its primary)",
    found: isClient
      ? `a client with the protocol ${shorten(client.protocol)}`
      : shorten(client),
  });
}

const PROTOCOLS: readonly string[] = ["http", "https", "ws", "wss"];

/** The user's client, as the SQL of ours sees it. */
export class ServerDriver implements SqliteDriver {
  readonly #client: LibsqlRemoteClient;
  readonly #answered: Answered;

  /** Shares the client. */
  constructor(client: LibsqlRemoteClient, answered: Answered) {
    this.#client = client;
    this.#answered = answered;
  }

  async query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return rowsOf(
      await this.#answered(() => this.#client.execute(statement)),
    );
  }

  async transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    const results = await this.#answered(() =>
      this.#client.batch([...statements], "write")
    );
    return results.map(rowsOf);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/**
 * What a commit survives on the server. Some services do not tell: then it is
 * known only that nothing is lost when a process of ours dies.
 */
export async function durabilityOf(driver: SqliteDriver): Promise<Durability> {
  const [mode, synchronous] = await Promise.all([
    pragma(driver, "journal_mode"),
    pragma(driver, "synchronous"),
  ]);
  const level = typeof synchronous === "number"
    ? survivedAt(synchronous)
    : "process-crash";
  return {
    level,
    detail: `server.journal_mode=${mode} server.synchronous=${synchronous}`,
  };
}

async function pragma(driver: SqliteDriver, name: string): Promise<unknown> {
  try {
    const [row] = await driver.query({ sql: `PRAGMA ${name}`, args: [] });
    return Object.values(row ?? {})[0] ?? "unknown";
  } catch {
    return "unknown";
  }
}
