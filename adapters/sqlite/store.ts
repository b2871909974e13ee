/**
 * The store: the contract's questions and answers, over one driver.
 *
 * @module
 */

import {
  type DeadLetter,
  type DeadLetterFilter,
  type Durability,
  type ExpiredMessage,
  type FailureRecord,
  type Lease,
  type Page,
  type ReadLaneRequest,
  type ReadRequest,
  type Settlement,
  type SettleRequest,
  StorageError,
  type Store,
  type Survey,
} from "../../mod.ts";
import { pruneStatements } from "./archive.ts";
import {
  changedOf,
  deadLettersOf,
  discardDeadStatements,
  listDeadStatement,
  retryDeadStatements,
} from "./dead_letters.ts";
import type { SqliteDriver, SqlRow, SqlStatement } from "./driver.ts";
import { acting } from "./errors.ts";
import { expiredOf, listExpiredStatement } from "./expired.ts";
import {
  acquireStatement,
  leaseOf,
  surveyOf,
  surveyStatement,
} from "./lease.ts";
import {
  commonScan,
  failuresOf,
  failuresStatement,
  laneScan,
  type Scan,
} from "./pages.ts";
import { inPieces } from "./pieces.ts";
import { forgetStatements, lookOf, lookStatement } from "./positions.ts";
import { Reader, type ReaderOptions } from "./reader.ts";
import { type CommitLog, Settler, type SettlerOptions } from "./settler.ts";
import type { Tables } from "./tables.ts";
import { Tail } from "./tail.ts";

/** What a store is made of; it closes the driver and the log. */
export interface SqliteStoreOptions extends ReaderOptions, SettlerOptions {
  /** Names the outbox. */
  readonly identity: string;
  /** What a commit survives. */
  readonly durability: Durability;
  /** Names the run of the machine. */
  readonly boot: string;
}

/** A {@link Store} on a SQLite database. */
export class SqliteStore implements Store {
  readonly identity: string;
  readonly durability: Durability;
  readonly boot: string;
  readonly #driver: SqliteDriver;
  readonly #log: CommitLog;
  readonly #tables: Tables;
  readonly #reader: Reader;
  readonly #settler: Settler;
  readonly #tail: Tail;
  /** The counter that was looked at last; `null` before the first look. */
  #counter: number | null = null;

  /** Takes over the driver. */
  constructor(options: SqliteStoreOptions) {
    this.identity = options.identity;
    this.durability = options.durability;
    this.boot = options.boot;
    this.#driver = options.driver;
    this.#log = options.log;
    this.#tables = options.tables;
    this.#reader = new Reader(options);
    this.#settler = new Settler(options);
    this.#tail = new Tail(options.driver);
  }

  survey(): Promise<Survey> {
    return acting("survey the outbox", async () => {
      const survey = surveyOf(await this.#row(surveyStatement(this.#tables)));
      if (survey !== null) return survey;
      throw new StorageError(
        "STORAGE_NOT_MIGRATED",
        "Cannot survey the outbox as its row must exist: call migrate()",
      );
    });
  }

  acquire(request: Parameters<Store["acquire"]>[0]): Promise<Lease | null> {
    return acting("acquire the lease", async () => {
      const statement = acquireStatement(this.#tables, request);
      const [rows] = await this.#driver.transact([statement]);
      return leaseOf(rows, request.owner);
    });
  }

  failures(
    request: Parameters<Store["failures"]>[0],
  ): Promise<readonly FailureRecord[]> {
    return acting(
      "list failures",
      () =>
        inPieces(request.after, request.limit, {
          read: async (after, limit) =>
            failuresOf(
              await this.#row(
                failuresStatement(this.#tables, { after, limit }),
              ),
            ),
          placeOf: ({ seq }) => seq,
        }),
    );
  }

  read(request: ReadRequest): Promise<Page> {
    const { after } = request;
    return acting("read messages", async () => {
      if (await this.#tail.isReached(after)) {
        return { messages: [], scannedTo: after, end: true };
      }
      const page = await this.#page(commonScan(this.#tables, request));
      this.#tail.noteRead(page);
      return page;
    });
  }

  readLane(request: ReadLaneRequest): Promise<Page> {
    return acting(
      "read a lane",
      () => this.#page(laneScan(this.#tables, request)),
    );
  }

  makeDurable(): Promise<void> {
    return acting(
      "make durable what was read",
      () => this.#settler.makeDurable(),
    );
  }

  settle(request: SettleRequest): Promise<Settlement> {
    return acting("settle", () => this.#settler.settle(request));
  }

  prune(
    request: Parameters<Store["prune"]>[0],
  ): Promise<{ readonly removed: number }> {
    return acting("prune the archive", async () => {
      const results = await this.#driver.transact(
        pruneStatements(this.#tables, request),
      );
      return { removed: Number(results[1]?.[0]?.["changed"] ?? 0) };
    });
  }

  forgetPositions(
    request: Parameters<Store["forgetPositions"]>[0],
  ): Promise<{ readonly forgotten: number }> {
    return acting("forget positions", async () => {
      const { countedBefore, limit } = request;
      const statement = lookStatement(this.#tables, this.#counter, request);
      const { stale, next } = lookOf(await this.#row(statement), limit);
      this.#counter = next;
      if (stale.length === 0) return { forgotten: 0 };
      const results = await this.#driver.transact(
        forgetStatements(this.#tables, stale, countedBefore),
      );
      return { forgotten: Number(results[1]?.[0]?.["changed"] ?? 0) };
    });
  }

  listDead(
    request: Parameters<Store["listDead"]>[0],
  ): Promise<readonly DeadLetter[]> {
    return acting(
      "list dead letters",
      () =>
        inPieces(request.after, request.limit, {
          read: async (after, limit) => {
            const asked = { ...request, after, limit };
            return deadLettersOf(
              await this.#row(listDeadStatement(this.#tables, asked)),
            );
          },
          placeOf: ({ message }) => message.seq,
        }),
    );
  }

  listExpired(
    request: Parameters<Store["listExpired"]>[0],
  ): Promise<readonly ExpiredMessage[]> {
    return acting(
      "list expired messages",
      () =>
        inPieces(request.before, request.limit, {
          read: async (before, limit) =>
            expiredOf(
              await this.#row(
                listExpiredStatement(this.#tables, { before, limit }),
              ),
            ),
          placeOf: ({ place }) => place,
        }),
    );
  }

  retryDead(filter: DeadLetterFilter): Promise<{ readonly changed: number }> {
    const statements = retryDeadStatements(this.#tables, filter);
    return this.#changeDead("retry dead letters", statements);
  }

  discardDead(filter: DeadLetterFilter): Promise<{ readonly changed: number }> {
    const statements = discardDeadStatements(this.#tables, filter);
    return this.#changeDead("discard dead letters", statements);
  }

  async close(): Promise<void> {
    await this.#log.close();
    await this.#driver.close();
  }

  async #row(statement: SqlStatement): Promise<SqlRow | undefined> {
    const [row] = await this.#driver.query(statement);
    return row;
  }

  async #page(scan: Scan): Promise<Page> {
    const { page, done } = await this.#reader.read(scan);
    this.#settler.noteRead(page, done);
    return page;
  }

  #changeDead(
    action: string,
    statements: readonly SqlStatement[],
  ): Promise<{ readonly changed: number }> {
    return acting(action, async () => ({
      changed: changedOf(await this.#driver.transact(statements)),
    }));
  }
}
