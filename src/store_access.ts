/**
 * Store access: opens the store, and backs off while it cannot be used.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { endedWithin } from "./deadline.ts";
import { type ErrorCode, MailboatError, reasonOf } from "./errors.ts";
import { fullJitter } from "./logic/retry.ts";
import type { Observe } from "./observe.ts";
import type { Random } from "./random.ts";
import type { StorageBase } from "./storage.ts";
import type { Durability, Store } from "./store.ts";

/** Why the store cannot be used at present. */
export interface StoreTrouble {
  /** The code of the last error. */
  readonly code: string;
  /** Its message, shortened. */
  readonly reason: string;
}

/** What store access needs. */
export interface StoreAccessOptions {
  readonly storage: StorageBase;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: Observe;
}

const BACKOFF = { baseMs: 20, capMs: 5_000 };

/** How long a store may take to close. */
const CLOSE_MS = 1_000;

/**
 * The longest wait for a lock. A try costs next to nothing, and where writers
 * hold the lock most of the time, many tries are needed for one commit.
 */
const BUSY_CAP_MS = 100;

/** Codes that no waiting cures: a person must act. */
const HOPELESS: readonly ErrorCode[] = [
  "DEPENDENCY_MISSING",
  "INVALID_OPTION",
  "STORAGE_NETWORK_FILE",
  "STORAGE_NEWER",
  "STORAGE_NOT_MIGRATED",
  "STORAGE_NOT_WAL",
  "STORAGE_READ_ONLY",
];

/** At most one open store at a time. */
export class StoreAccess {
  readonly #options: StoreAccessOptions;
  #store: Store | null = null;
  #durability: Durability | null = null;
  #failures = 0;
  #retryAtMs = -Infinity;
  #trouble: StoreTrouble | null = null;

  /** Creates access to a store that is not open yet. */
  constructor(options: StoreAccessOptions) {
    this.#options = options;
  }

  /** Why the store cannot be used at present, or `null`. */
  get trouble(): StoreTrouble | null {
    return this.#trouble;
  }

  /** What a commit survives, known once the store was opened. */
  get durability(): Durability | null {
    return this.#durability;
  }

  /** Fails at once where waiting would not help; any other failure is waited out. */
  async begin(): Promise<void> {
    try {
      await this.#opened();
    } catch (error) {
      if (error instanceof MailboatError && HOPELESS.includes(error.code)) {
        throw error;
      }
      this.#failed(error);
    }
  }

  /**
   * Uses the store, unless it must be left alone for a while. Resolves with
   * what `work` returns, or with how long to wait, in ms.
   */
  async use(work: (store: Store) => Promise<number>): Promise<number> {
    const waitMs = this.#retryAtMs - this.#options.clock.monotonicMs();
    if (waitMs > 0) return waitMs;
    try {
      const result = await work(await this.#opened());
      this.#failures = 0;
      this.#trouble = null;
      return result;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Gives the store back. */
  async close(): Promise<void> {
    const store = this.#store;
    this.#store = null;
    if (store === null) return;
    const closing = Promise.resolve().then(() => store.close());
    await endedWithin(this.#options.clock, CLOSE_MS, closing);
  }

  async #opened(): Promise<Store> {
    if (this.#store === null) {
      this.#store = await this.#options.storage.open();
      this.#durability = this.#store.durability;
      this.#options.observe({
        type: "store.opened",
        durability: this.#durability,
      });
    }
    return this.#store;
  }

  #failed(error: unknown): number {
    const { clock, random, observe } = this.#options;
    const code = error instanceof MailboatError ? error.code : "STORAGE_FAILED";
    const reason = reasonOf(error);
    this.#failures += 1;
    this.#trouble = { code, reason };
    const isBusy = code === "STORAGE_BUSY";
    const retryInMs = 1 + fullJitter({
      ...BACKOFF,
      ...(isBusy && { capMs: BUSY_CAP_MS }),
      attempts: this.#failures,
      random: random.fraction(),
    });
    this.#retryAtMs = clock.monotonicMs() + retryInMs;
    observe({ type: "store.failed", code, reason, retryInMs });
    // A busy database is healthy; after anything else the connection is suspect.
    if (!isBusy) void this.close();
    return retryInMs;
  }
}
