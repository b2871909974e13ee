/**
 * The bench on which a storage is tried: a harness, what is opened on it, and
 * the few things that most cases do.
 *
 * @module
 */

import type {
  FailureRecord,
  Lease,
  Message,
  NewMessage,
  ReadRequest,
  Settlement,
  SettleRequest,
  Store,
} from "../../../mod.ts";
import { check } from "./checks.ts";
import type {
  CreateStorageHarness,
  StorageHarness,
} from "./storage_harness.ts";

/** A case that is given a bench of its own. */
export interface StorageCase {
  /** The behaviour. */
  readonly name: string;
  /** Whether the case migrates by itself. */
  readonly unmigrated?: boolean;
  /**
   * Whether it is about the handle of a transaction, or what its insert
   * answers: a storage without such transactions has other cases for that.
   */
  readonly interactive?: boolean;
  /** Tries it. */
  readonly run: (bench: StorageBench) => Promise<void>;
}

/** Everything a read may ask for. */
export const EVERYTHING: ReadRequest = {
  after: 0,
  exceptKeys: [],
  limit: 10_000,
  maxBytes: 2 ** 30,
};

/** Wall-clock time of acquisitions, in ms since the epoch. */
export const ACQUIRED_AT_MS = 1_700_000_000_100;
/** Wall-clock time of settlements, in ms since the epoch. */
export const SETTLED_AT_MS = 1_700_000_000_200;

/** Gives a case its bench, and clears it away. */
export async function onBench(
  create: CreateStorageHarness<unknown, unknown>,
  races: number,
  { unmigrated = false, run }: StorageCase,
): Promise<void> {
  const bench = new StorageBench(await create(), create, races);
  try {
    if (!unmigrated) await bench.storage.migrate();
    await run(bench);
  } finally {
    await bench.close();
  }
}

/** A harness, and the stores opened on it. */
export class StorageBench {
  /** How often a race is run. */
  readonly races: number;
  #harness: StorageHarness<unknown, unknown>;
  readonly #create: CreateStorageHarness<unknown, unknown>;
  readonly #stores: Store[] = [];
  #serial = 0;

  /** Takes over a harness, and knows how to make another. */
  constructor(
    harness: StorageHarness<unknown, unknown>,
    create: CreateStorageHarness<unknown, unknown>,
    races: number,
  ) {
    this.#harness = harness;
    this.#create = create;
    this.races = races;
  }

  /** What is around the storage. */
  get harness(): StorageHarness<unknown, unknown> {
    return this.#harness;
  }

  /** What is tried. */
  get storage(): StorageHarness<unknown, unknown>["storage"] {
    return this.#harness.storage;
  }

  /** Opens a store, closed at the end. */
  async open(): Promise<Store> {
    const store = await this.storage.open();
    this.#stores.push(store);
    return store;
  }

  /** Inserts through the writer, whether it is synchronous or not. */
  async insert(
    tx: unknown,
    messages: readonly NewMessage[],
  ): Promise<readonly boolean[]> {
    const { writer } = this.storage;
    if ("insert" in writer) return await writer.insert(tx, messages);
    const stored = writer.insertSync(tx, messages);
    check(Array.isArray(stored), "a synchronous insert returns its result");
    return stored;
  }

  /**
   * Runs work in a transaction that may keep others waiting; `false` when the
   * database took the lock from it, so that nothing of it is stored.
   */
  async holding(work: (tx: unknown) => Promise<void>): Promise<boolean> {
    try {
      await this.#harness.transaction(work);
      return true;
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === "TRANSACTION_FINISHED") return false;
      throw error;
    }
  }

  /** Commits messages in one transaction, and tells which were stored. */
  commit(...messages: readonly NewMessage[]): Promise<readonly boolean[]> {
    return this.#harness.transaction((tx) => this.insert(tx, messages));
  }

  /** A message with unremarkable fields, but for those given. */
  message(given: Partial<NewMessage> = {}): NewMessage {
    return {
      id: `message-${++this.#serial}`,
      chosenId: false,
      event: "meter.read",
      topic: "meters/m-1",
      key: "m-1",
      payload: new TextEncoder().encode('{"kwh":4.2}'),
      contentType: "application/json",
      headers: {},
      responseTopic: null,
      correlationData: null,
      qos: 1,
      retain: false,
      onDead: null,
      enqueuedAtMs: 1_700_000_000_000,
      ttlMs: null,
      counted: false,
      ...given,
    };
  }

  /** Messages whose ids are the given names. */
  messages(...ids: readonly string[]): NewMessage[] {
    return ids.map((id) => this.message({ id }));
  }

  /** As if the process was killed, and another one opened the same database. */
  async restart(): Promise<void> {
    this.#harness = await this.#harness.restart();
    await this.#closeStores();
  }

  /** Closes everything, and goes on with a new, empty database. */
  async renew(): Promise<void> {
    await this.close();
    this.#harness = await this.#create();
  }

  /** Closes everything. */
  async close(): Promise<void> {
    await this.#closeStores();
    await this.#harness.close();
  }

  async #closeStores(): Promise<void> {
    for (const store of this.#stores.splice(0)) await store.close();
  }
}

/** Takes the lease, whoever has it. */
export async function takeLease(store: Store, owner = "one"): Promise<Lease> {
  const { lease: { epoch, beat } } = await store.survey();
  const lease = await store.acquire({
    owner,
    leaseMs: 5_000,
    nowMs: ACQUIRED_AT_MS,
    expect: { epoch, beat },
  });
  check(lease !== null, "whoever expects what is there gets the lease");
  return lease;
}

/** Settles nothing, and keeps the lease, but for what is given. */
export function settle(
  store: Store,
  lease: Lease,
  given: Partial<SettleRequest> = {},
): Promise<Settlement> {
  return store.settle({
    lease,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: SETTLED_AT_MS,
    ...given,
  });
}

/** A failure record with unremarkable fields, but for those given. */
export function failureOf(
  { seq, key }: { readonly seq: number; readonly key: string | null },
  given: Partial<FailureRecord> = {},
): FailureRecord {
  return {
    seq,
    key,
    state: "retry",
    holds: true,
    attempts: 1,
    deaths: 0,
    trial: null,
    firstFailedAtMs: 1_700_000_000_010,
    failedAtMs: 1_700_000_000_020,
    delayMs: 500,
    code: "0x97",
    reason: "Quota exceeded",
    ...given,
  };
}

/** Everything that can be read, page by page. */
export async function readAll(
  store: Store,
  exceptKeys: readonly string[] = [],
): Promise<Message[]> {
  const found: Message[] = [];
  for (let after = 0, end = false; !end;) {
    const page = await store.read({ ...EVERYTHING, after, exceptKeys });
    check(
      page.end || page.scannedTo > after,
      "a page that is not the last one makes progress",
    );
    found.push(...page.messages);
    ({ scannedTo: after, end } = page);
  }
  return found;
}

/**
 * What comes of reading while a transaction is open: a database with one
 * connection refuses it as busy, and shows nothing.
 */
export async function unlessBusy<T>(
  reading: Promise<T>,
  nothing: T,
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: unknown }).code === "STORAGE_BUSY") return nothing;
    throw error;
  }
}

/** The ids of messages. */
export function idsOf(messages: readonly Pick<Message, "id">[]): string[] {
  return messages.map(({ id }) => id);
}
