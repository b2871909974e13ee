/**
 * The foundation of a storage: what lies beneath it, for another storage whose
 * users have other handles on the same database.
 *
 * @module
 */

import type { StorageBase } from "../../mod.ts";
import type { SqlStatement } from "./driver.ts";
import type { Home } from "./home.ts";
import type { SyncConnection } from "./sync_connection.ts";
import type { Tables } from "./tables.ts";

/** An outbox in a database, whoever writes to it. */
export interface SqliteOutbox extends Required<StorageBase> {
  /** The names of its tables. */
  readonly tables: Tables;
  /** What tells its database from others; fails like `open`. */
  home(): Promise<Home>;
  /** Tells the relays of this process that a commit may follow. */
  announce(): void;
}

/** What lies beneath a storage. */
export interface Foundation {
  /** The outbox. */
  readonly outbox: SqliteOutbox;
  /** Where its driver answers at once: the database. */
  readonly ground?: Ground;
  /** Where its driver has batches only: the database. */
  readonly batches?: BatchGround;
}

/** A database that answers at once. */
export interface Ground {
  /** The database, as its user has it. */
  readonly client: object;
  /** The connection that it is. */
  readonly connection: Pick<SyncConnection, "isTransaction" | "run">;
  /** How its transactions are told to begin, where they can be told. */
  readonly behavior?: "immediate";
  /**
   * Runs work that begins a transaction and ends it; given where the
   * connection knows of no other transaction that one is open.
   */
  readonly watched?: <T>(work: () => T) => T;
  /** Given where a value has to be small. */
  readonly parts?: Parts;
}

/** How many messages are stored in several statements. */
export interface Parts {
  /** The most bytes of the values of one statement. */
  readonly maxBytes: number;
  /** Makes several statements within a transaction one: all of them, or none. */
  together<T>(work: () => T): T;
}

/** A database that is written to in batches, and has no transaction with a handle. */
export interface BatchGround {
  /** The database, as its user has it. */
  readonly client: object;
  /** The most bytes of the values of one statement. */
  readonly maxBytes: number;
  /** Makes the values of a statement what the driver binds. */
  bound(statement: SqlStatement): BoundStatement;
  /** Prepares a text, without its values. */
  prepare(sql: string): unknown;
}

/** A statement whose values a driver binds as they are. */
export interface BoundStatement {
  /** The text. */
  readonly sql: string;
  /** One value for each parameter. */
  readonly args: readonly unknown[];
}

/** What a storage leaves to its outbox; it remembers what lies beneath. */
export class Founded implements Required<StorageBase> {
  readonly #foundation: Foundation;

  /** Takes what lies beneath. */
  constructor(foundation: Foundation) {
    this.#foundation = foundation;
  }

  /** What lies beneath a storage; `undefined` for one that was not made here. */
  static foundationOf(storage: object): Foundation | undefined {
    return #foundation in storage ? storage.#foundation : undefined;
  }

  migrate(): ReturnType<StorageBase["migrate"]> {
    return this.#foundation.outbox.migrate();
  }

  open(): ReturnType<StorageBase["open"]> {
    return this.#foundation.outbox.open();
  }

  watch(onChange: () => void): () => void {
    return this.#foundation.outbox.watch(onChange);
  }
}

/** What lies beneath a storage that was made here. */
export function foundationOf(storage: unknown): Foundation | undefined {
  const isObject = typeof storage === "object" && storage !== null;
  return isObject ? Founded.foundationOf(storage) : undefined;
}
