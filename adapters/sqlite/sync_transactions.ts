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
export function syncTransactions<Opened extends object, Asked extends Opened>(
  technology: SyncTechnology<Opened>,
  location: string,
  options: TurnOptions,
): OwnTransactions<Asked> {
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
    const path = pathOf(location);
    const own: OwnTransactions<Opened> = new Transacting(
      technology,
      path,
      options,
    );
    // What is opened is a whole database of the driver, not what is asked of it.
    return own as OwnTransactions<Asked>;
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
    await setUp(opened.connection, { lockWaitMs: 0, setWal: false });
    return opened;
  }
}
