/**
 * Transactions of a driver that answers at once, as a consumer runs them.
 *
 * @module
 */

import {
  createTurns,
  InputError,
  readOptions,
  shorten,
  type Transactions,
  type TurnOptions,
  type Turns,
} from "../../mod.ts";
import { isBusy } from "./errors.ts";
import { pathOf } from "./location.ts";
import { rollBack, setUp } from "./sync_driver.ts";
import {
  connect,
  type Connected,
  type SyncTechnology,
} from "./sync_storage.ts";

/** Transactions on a connection of their own. */
export interface OwnTransactions<Database> extends Transactions<Database> {
  /** Gives the connection back; idempotent. Not while a transaction is open. */
  close(): void;
}

/**
 * Creates transactions on the file at a path. They have a connection of their
 * own: on one that is shared, whoever writes while work is awaited would write
 * in a stranger's transaction.
 */
export function syncTransactions<Database extends object>(
  technology: SyncTechnology<Database>,
  location: string,
  options: TurnOptions,
): OwnTransactions<Database> {
  const action = "create transactions";
  return readOptions({ action, options: { location } }, () => {
    if (typeof location !== "string") {
      throw new InputError("INVALID_OPTION", {
        action,
        field: "database",
        required:
          "a path or a file: URL, as they open a connection of their own",
        found: shorten(location),
      });
    }
    return new Transacting(technology, pathOf(location), options);
  });
}

class Transacting<Database extends object>
  implements OwnTransactions<Database> {
  readonly takesTurns = true;
  readonly #technology: SyncTechnology<Database>;
  readonly #path: string;
  readonly #turns: Turns<Connected<Database>>;
  #opened: Connected<Database> | null = null;

  constructor(
    technology: SyncTechnology<Database>,
    path: string,
    options: TurnOptions,
  ) {
    this.#technology = technology;
    this.#path = path;
    this.#turns = createTurns({ begin: () => this.#begin(), isBusy, options });
  }

  transaction(work: (tx: Database) => Promise<void>): Promise<void> {
    return this.#turns.take(async ({ database, connection }) => {
      try {
        await work(database);
        connection.exec("COMMIT");
      } finally {
        rollBack(connection);
      }
    });
  }

  close(): void {
    this.#opened?.connection.close();
    this.#opened = null;
  }

  async #begin(): Promise<Connected<Database>> {
    this.#opened ??= await this.#open();
    this.#opened.connection.exec("BEGIN IMMEDIATE");
    return this.#opened;
  }

  async #open(): Promise<Connected<Database>> {
    const opened = await connect(this.#technology, this.#path);
    setUp(opened.connection, { lockWaitMs: 0, setWal: false });
    return opened;
  }
}
