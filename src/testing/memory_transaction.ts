/**
 * The user's transaction on a memory storage: writes are staged, and appear
 * together at the commit.
 *
 * @module
 */

import {
  InputError,
  type LookRequest,
  type NewMessage,
  type RecordRequest,
  shorten,
  type Sighting,
} from "../../mod.ts";
import {
  copyOf,
  type MemoryDatabase,
  type MemoryRow,
} from "./memory_database.ts";
import type { MemoryInbox } from "./memory_inbox.ts";
import type { MemoryLetterBox } from "./memory_letter_box.ts";

/** A transaction. It takes the write lock at its first write and keeps it to its end. */
export interface MemoryTransaction {
  /**
   * Writes a business row, replacing an earlier one with this id.
   *
   * @throws {StorageError} `STORAGE_BUSY` while another transaction is writing.
   * @throws {InputError} `TRANSACTION_FINISHED` after the end.
   */
  put(table: string, id: string, row: MemoryRow): void;
  /**
   * Makes every write visible at once.
   *
   * @throws {InputError} `TRANSACTION_FINISHED` after the end.
   */
  commit(): void;
  /** Forgets every write; idempotent, and nothing after a commit. */
  rollback(): void;
}

/** The transaction with the part that only the writer of the outbox uses. */
export class StagedTransaction implements MemoryTransaction {
  /** Where the writes go at the commit. */
  readonly database: MemoryDatabase;
  readonly #messages: NewMessage[] = [];
  readonly #rows: { table: string; id: string; row: MemoryRow }[] = [];
  readonly #process: number;
  #inbox: MemoryInbox | null = null;
  #letters: MemoryLetterBox | null = null;
  #finished = false;

  /** Begins a transaction; nothing is locked yet. */
  constructor(database: MemoryDatabase) {
    this.database = database;
    this.#process = database.processes;
  }

  put(table: string, id: string, row: MemoryRow): void {
    this.#requireOpen("put a row");
    this.database.lock(this, "put a row");
    this.#rows.push({ table, id, row: structuredClone(row) });
  }

  /** Stages messages in order; tells for each whether it will be stored. */
  insert(messages: readonly NewMessage[]): readonly boolean[] {
    this.#requireOpen("enqueue");
    this.database.requireTables("enqueue");
    if (messages.length === 0) return [];
    this.database.lock(this, "enqueue");
    return messages.map((message) => {
      if (message.chosenId && this.#has(message.id)) return false;
      this.#messages.push(copyOf(message));
      return true;
    });
  }

  /** Finds what is known of a received message. */
  look(request: LookRequest): Sighting {
    this.#requireOpen("accept a message");
    this.database.requireTables("accept a message");
    return (this.#inbox ?? this.database.inbox).look(request);
  }

  /** Stages the record of a received message; tells whether it will be stored. */
  record(request: RecordRequest): boolean {
    this.#requireOpen("accept a message");
    this.database.requireTables("accept a message");
    this.database.lock(this, "accept a message");
    this.#inbox ??= this.database.inbox.copy();
    return this.#inbox.record(request);
  }

  /** The letters as this transaction sees them. */
  letters(): MemoryLetterBox {
    this.#requireOpen("set a message aside");
    this.database.requireTables("set a message aside");
    return this.#letters ?? this.database.letters;
  }

  /** The letters, to be changed. */
  changeLetters(): MemoryLetterBox {
    const letters = this.letters();
    this.database.lock(this, "set a message aside");
    this.#letters ??= letters.copy();
    return this.#letters;
  }

  commit(): void {
    this.#requireOpen("commit");
    this.#finished = true;
    for (const { table, id, row } of this.#rows) {
      const rows = this.database.tables.get(table) ?? new Map();
      this.database.tables.set(table, rows.set(id, row));
    }
    for (const message of this.#messages) this.database.append(message);
    if (this.#inbox !== null) this.database.inbox = this.#inbox;
    if (this.#letters !== null) this.database.letters = this.#letters;
    this.database.unlock(this);
    if (this.#rows.length + this.#messages.length > 0) this.database.announce();
  }

  rollback(): void {
    this.#finished = true;
    this.database.unlock(this);
  }

  /** Whether a value is one; a value that only looks like it is asked nothing. */
  static isOne(value: unknown): value is StagedTransaction {
    return typeof value === "object" && value !== null && #messages in value;
  }

  #has(id: string): boolean {
    return this.#messages.some((message) => message.id === id) ||
      [...this.database.messages.values()].some((stored) => stored.id === id);
  }

  #requireOpen(action: string): void {
    const killed = this.#process !== this.database.processes;
    if (!this.#finished && !killed) return;
    throw new InputError("TRANSACTION_FINISHED", {
      action,
      field: "tx",
      required: "a transaction that is still open",
      found: killed ? "killed with its process" : "committed or rolled back",
    });
  }
}

/**
 * Returns what is a transaction on this database.
 *
 * @throws {InputError} `NOT_A_TRANSACTION` or `FOREIGN_TRANSACTION`.
 */
export function requireTransaction(
  database: MemoryDatabase,
  tx: unknown,
  action: string = "enqueue",
): StagedTransaction {
  const refusal = { action, field: "tx" };
  if (!StagedTransaction.isOne(tx)) {
    throw new InputError("NOT_A_TRANSACTION", {
      ...refusal,
      required: "what begin() of the storage returned",
      found: shorten(tx),
    });
  }
  if (tx.database !== database) {
    throw new InputError("FOREIGN_TRANSACTION", {
      ...refusal,
      required: "a transaction of this storage",
      found: "a transaction of another storage",
    });
  }
  return tx;
}
