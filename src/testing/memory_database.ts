/**
 * The database behind the memory storage: committed rows and one write lock.
 *
 * @module
 */

import {
  type ExpiredMessage,
  type FailureRecord,
  type LeaseRecord,
  type Message,
  type NewMessage,
  StorageError,
} from "../../mod.ts";
import { MemoryInbox } from "./memory_inbox.ts";
import { MemoryLetterBox } from "./memory_letter_box.ts";
import { MemoryPositions } from "./memory_positions.ts";

/** A business row. */
export type MemoryRow = Readonly<Record<string, unknown>>;

/** A delivered message that is kept. */
export interface ArchivedMessage {
  /** The message. */
  readonly message: Message;
  /** Wall-clock time of the settlement, in ms since the epoch. */
  readonly deliveredAtMs: number;
}

/** What was committed. Whoever changes it holds the write lock. */
export class MemoryDatabase {
  /** Messages that are not delivered, by sequence, ascending. */
  readonly messages: Map<number, Message> = new Map();
  /** Failure records, by sequence. */
  readonly failures: Map<number, FailureRecord> = new Map();
  /** Delivered messages that are kept, in the order of their settlement. */
  archive: ArchivedMessage[] = [];
  /** The newest expired messages, in the order of their settlement. */
  expired: ExpiredMessage[] = [];
  /** How many ever expired. */
  expiredCount = 0;
  /** The last position of each key. */
  readonly positions: MemoryPositions = new MemoryPositions();
  /** Every message that was ever committed: what checks compare with. */
  readonly committed: Message[] = [];
  /** Business rows, by table and id. */
  readonly tables: Map<string, Map<string, MemoryRow>> = new Map();
  /** What was accepted. */
  inbox: MemoryInbox = new MemoryInbox();
  letters: MemoryLetterBox = new MemoryLetterBox();
  /** Who may settle. */
  lease: LeaseRecord = {
    epoch: 0,
    owner: null,
    beat: 0,
    leaseMs: 0,
    renewedAtMs: 0,
    unproven: 0,
  };
  /** Counts how often the machine was switched on. */
  boots = 1;
  /** Counts the processes that used it, one after the other. */
  processes = 1;
  /** Raised whenever a dead letter is retried or discarded. */
  revision = 0;
  /** The highest sequence ever used; kept apart, as rows go away. */
  newestSeq = 0;
  /** Whether the tables exist. */
  migrated = false;

  #writer: object | null = null;
  readonly #watchers = new Set<() => void>();

  /**
   * Demands that there are tables.
   *
   * @throws {StorageError} `STORAGE_NOT_MIGRATED`.
   */
  requireTables(action: string): void {
    if (this.migrated) return;
    throw new StorageError(
      "STORAGE_NOT_MIGRATED",
      `Cannot ${action} as the storage must be migrated first: call migrate()`,
    );
  }

  /**
   * Takes the write lock, unless the writer has it.
   *
   * @throws {StorageError} `STORAGE_BUSY` when another one has it.
   */
  lock(writer: object, action: string): void {
    if (this.#writer === null) this.#writer = writer;
    if (this.#writer === writer) return;
    throw new StorageError(
      "STORAGE_BUSY",
      `Cannot ${action} as another transaction is writing`,
    );
  }

  /** Gives the write lock back, if the writer has it. */
  unlock(writer: object): void {
    if (this.#writer === writer) this.#writer = null;
  }

  /** What is under way comes to nothing; another process goes on. */
  kill(): void {
    this.processes++;
    this.#writer = null;
  }

  /** Appends a committed message: the commit order is the order of the sequence. */
  append({ chosenId: _, counted, ...message }: NewMessage): void {
    const seq = ++this.newestSeq;
    const position = counted && message.key !== null
      ? this.positions.next(message.key, seq)
      : null;
    this.messages.set(seq, { ...message, seq, position });
    this.committed.push({ ...message, seq, position });
  }

  /** Calls back after every change, until the returned function is called. */
  watch(onChange: () => void): () => void {
    const watcher = () => onChange();
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Tells the watchers of a change, but not from within its transaction. */
  announce(): void {
    for (const watcher of this.#watchers) {
      void Promise.resolve().then(() => {
        if (this.#watchers.has(watcher)) watcher();
      });
    }
  }
}

/** A copy that shares no mutable part, as a row read from a file would be. */
export function copyOf<T extends NewMessage | Message>(message: T): T {
  return {
    ...message,
    payload: message.payload.slice(),
    headers: { ...message.headers },
    correlationData: message.correlationData?.slice() ?? null,
  };
}

/** The same of a message, and what is kept with it. */
export function copyOfKept<T extends { readonly message: Message }>(
  kept: T,
): T {
  return { ...kept, message: copyOf(kept.message) };
}
