/**
 * An outbox in a database behind a service: it is reached through the user's
 * own client, which is shared with him and never closed or reconnected here.
 *
 * @module
 */

import type { Durability, Store } from "../../mod.ts";
import { Announcements } from "./announcements.ts";
import type { SqliteDriver } from "./driver.ts";
import { acting } from "./errors.ts";
import type { SqliteOutbox } from "./foundation.ts";
import { type Home, homeByName } from "./home.ts";
import { identityOf, migrateTables, requireTables } from "./migration.ts";
import { SqliteStore } from "./store.ts";
import type { Tables } from "./tables.ts";
import { requireWritable } from "./writable.ts";

/** A database behind a service, and how to reach it. */
export interface SqliteService {
  /** Reaches it through the user's client: no call keeps a transaction, and closing it does nothing. */
  readonly driver: SqliteDriver;
  /** The names of the outbox's tables. */
  readonly tables: Tables;
  /** Statements that make further tables of ours, each a no-op when its table is there. */
  readonly furtherTables?: readonly string[];
  /** What a commit survives there, as far as it can be told. */
  durability(): Promise<Durability>;
  /**
   * Makes durable what was committed; `false` where a commit of our own does
   * that. Where the service alone decides, there is nothing to do.
   */
  sync(): Promise<boolean>;
  /** The most bytes of a value, where that is little. */
  readonly maxValueBytes?: number;
}

/** The outbox in one database of a service. */
export class ServerOutbox implements SqliteOutbox {
  readonly tables: Tables;
  readonly #service: SqliteService;
  readonly #announcements = new Announcements();
  #home: Promise<Home> | null = null;

  /** Remembers where the outbox is; nothing is asked. */
  constructor(service: SqliteService) {
    this.#service = service;
    this.tables = service.tables;
  }

  migrate(): Promise<void> {
    return acting("migrate", async () => {
      const { driver, furtherTables = [] } = this.#service;
      await migrateTables(driver, this.tables);
      if (furtherTables.length > 0) {
        await driver.transact(furtherTables.map((sql) => ({ sql, args: [] })));
      }
      const store = await this.open();
      await store.close();
    });
  }

  open(): Promise<Store> {
    return acting("open the outbox", async () => {
      const { driver, tables } = this.#service;
      await requireTables(driver, tables);
      await requireWritable("open the outbox", driver, tables);
      const [identity, durability] = await Promise.all([
        identityOf(driver, tables),
        this.#service.durability(),
      ]);
      return new SqliteStore({
        driver,
        tables,
        identity,
        durability,
        // Whether the service's machine was switched off, nobody can tell.
        boot: "",
        log: {
          sync: () => this.#service.sync(),
          close: () => Promise.resolve(),
        },
        maxValueBytes: this.#service.maxValueBytes ?? Infinity,
      });
    });
  }

  /** What is committed in other processes is not announced here: the relay looks for it. */
  watch(onChange: () => void): () => void {
    return this.#announcements.listen(onChange);
  }

  announce(): void {
    this.#announcements.announce();
  }

  home(): Promise<Home> {
    this.#home ??= acting("find the outbox", async () => {
      const { driver, tables } = this.#service;
      return homeByName(tables, await identityOf(driver, tables));
    }).catch((error) => {
      this.#home = null;
      throw error;
    });
    return this.#home;
  }
}
