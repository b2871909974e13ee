/**
 * The outbox in the database of a Durable Object.
 *
 * @module
 */

import type { Durability, Store } from "../../mod.ts";
import { Announcements } from "../sqlite/announcements.ts";
import { acting } from "../sqlite/errors.ts";
import { type Home, homeByConnection } from "../sqlite/home.ts";
import {
  identityOf,
  migrateTables,
  requireTables,
} from "../sqlite/migration.ts";
import { WORKERS_VALUE_BYTES } from "../sqlite/parts.ts";
import type { SqliteOutbox } from "../sqlite/storage.ts";
import { SqliteStore } from "../sqlite/store.ts";
import type { Tables } from "../sqlite/tables.ts";
import { ObjectConnection } from "./connection.ts";
import type { DurableObjectStorageLike } from "./platform.ts";

/** Whose promise it is, for people. */
const DURABILITY: Durability = {
  level: "power-loss",
  detail: "ctx.storage.sync() of Cloudflare; " +
    "a local workerd promises what its disk does",
};

/** An outbox that shares its connection with the user's transactions. */
export class ObjectOutbox implements SqliteOutbox {
  readonly tables: Tables;
  readonly #storage: DurableObjectStorageLike;
  readonly #announcements = new Announcements();

  /** Remembers where the outbox is; nothing is read. */
  constructor(storage: DurableObjectStorageLike, tables: Tables) {
    this.#storage = storage;
    this.tables = tables;
  }

  migrate(): Promise<void> {
    return acting("migrate", async () => {
      await migrateTables(new ObjectConnection(this.#storage), this.tables);
    });
  }

  open(): Promise<Store> {
    return acting("open the outbox", async () => {
      const driver = new ObjectConnection(this.#storage);
      await requireTables(driver, this.tables);
      return new SqliteStore({
        driver,
        tables: this.tables,
        identity: await identityOf(driver, this.tables),
        durability: DURABILITY,
        boot: "",
        log: {
          sync: async () => {
            await this.#storage.sync();
            return true;
          },
          close: () => Promise.resolve(),
        },
        maxValueBytes: WORKERS_VALUE_BYTES,
      });
    });
  }

  watch(onChange: () => void): () => void {
    return this.#announcements.listen(onChange);
  }

  announce(): void {
    this.#announcements.announce();
  }

  home(): Promise<Home> {
    return Promise.resolve(homeByConnection(this.tables));
  }
}
