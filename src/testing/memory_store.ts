/**
 * The store of a memory storage: what the relay and the operator see.
 *
 * Every operation happens at once and whole when it is called; the promise is
 * only the shape of the contract.
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
  type Message,
  type Page,
  type ReadLaneRequest,
  type ReadRequest,
  type Settlement,
  type SettleRequest,
  StorageError,
  type Store,
  type Survey,
} from "../../mod.ts";
import { copyOf, copyOfKept, type MemoryDatabase } from "./memory_database.ts";
import { deadLetters, failuresBySeq, page } from "./memory_queries.ts";

type AcquireRequest = Parameters<Store["acquire"]>[0];
type FailuresRequest = Parameters<Store["failures"]>[0];
type ListExpiredRequest = Parameters<Store["listExpired"]>[0];
type ListRequest = Parameters<Store["listDead"]>[0];
type ForgetRequest = Parameters<Store["forgetPositions"]>[0];
type PruneRequest = Parameters<Store["prune"]>[0];

/** One connection to a {@link MemoryDatabase}. */
export class MemoryStore implements Store {
  readonly identity: string;
  readonly durability: Durability = { level: "none", detail: "memory" };
  readonly boot: string;
  readonly #db: MemoryDatabase;
  readonly #process: number;
  readonly #scanRows: number;
  #closed = false;

  /** Connects; `scanRows` bounds how many rows one read looks at. */
  constructor(db: MemoryDatabase, identity: string, scanRows: number) {
    this.#db = db;
    this.identity = identity;
    this.boot = `boot ${db.boots}`;
    this.#process = db.processes;
    this.#scanRows = scanRows;
  }

  survey(): Promise<Survey> {
    return this.#reading("survey the outbox", (db) => {
      const [first] = db.messages.values();
      return {
        lease: { ...db.lease },
        revision: db.revision,
        newestSeq: db.newestSeq,
        oldest: first === undefined
          ? null
          : { seq: first.seq, enqueuedAtMs: first.enqueuedAtMs },
        expired: db.expiredCount,
      };
    });
  }

  acquire(request: AcquireRequest): Promise<Lease | null> {
    return this.#writing("acquire the lease", (db) => {
      const { owner, leaseMs, nowMs, expect } = request;
      const { epoch, beat, owner: before, unproven } = db.lease;
      if (epoch !== expect.epoch || beat !== expect.beat) return null;
      db.lease = {
        epoch: owner === before ? epoch : epoch + 1,
        owner,
        beat: beat + 1,
        leaseMs,
        renewedAtMs: nowMs,
        unproven: owner === before ? unproven : unproven + 1,
      };
      db.announce();
      return { epoch: db.lease.epoch, owner };
    });
  }

  failures({ after, limit }: FailuresRequest): Promise<FailureRecord[]> {
    return this.#reading("list failures", (db) =>
      failuresBySeq(db)
        .filter(({ seq }) => seq > after)
        .slice(0, limit)
        .map((failure) => ({ ...failure })));
  }

  read(request: ReadRequest): Promise<Page> {
    return this.#reading("read messages", (db) => {
      const except = new Set<string | null>(request.exceptKeys);
      const wanted = ({ seq, key }: Message) =>
        !db.failures.has(seq) && !except.has(key);
      const scan = { ...request, upTo: Infinity, rows: this.#scanRows };
      return page(db, scan, wanted);
    });
  }

  readLane(request: ReadLaneRequest): Promise<Page> {
    return this.#reading("read a lane", (db) => {
      const wanted = ({ seq, key }: Message) =>
        key === request.key && db.failures.get(seq)?.state !== "dead";
      return page(db, { ...request, rows: this.#scanRows }, wanted);
    });
  }

  makeDurable(): Promise<void> {
    return this.#reading("make durable what was read", () => {});
  }

  settle(request: SettleRequest): Promise<Settlement> {
    return this.#writing("settle", (db) => {
      const { lease, delivered, expired, failed } = request;
      if (db.lease.epoch !== lease.epoch || db.lease.owner !== lease.owner) {
        const failures = failed.map(({ seq }) => seq);
        const lost = [...delivered, ...expired, ...failures];
        return { inForce: false, lost };
      }
      this.#record(request);
      if (request.then === "release") {
        db.lease = { ...db.lease, owner: null, unproven: 0 };
      } else if (request.then === "renew") {
        const { beat, unproven } = db.lease;
        db.lease = {
          ...db.lease,
          beat: beat + 1,
          renewedAtMs: request.nowMs,
          unproven: request.proven ? 0 : unproven,
        };
      }
      db.announce();
      return { inForce: true, lost: [] };
    });
  }

  prune(request: PruneRequest): Promise<{ readonly removed: number }> {
    return this.#writing("prune the archive", (db) => {
      const { deliveredBeforeMs, keepRows, limit } = request;
      const beyond = db.archive.length - keepRows;
      const oldest = db.archive
        .filter(({ deliveredAtMs }, index) =>
          deliveredAtMs < deliveredBeforeMs || index < beyond
        )
        .slice(0, limit);
      db.archive = db.archive.filter((kept) => !oldest.includes(kept));
      return { removed: oldest.length };
    });
  }

  forgetPositions(
    { countedBefore, limit }: ForgetRequest,
  ): Promise<{ readonly forgotten: number }> {
    return this.#writing("forget positions", (db) => ({
      forgotten: db.positions.forget(countedBefore, limit),
    }));
  }

  listDead(request: ListRequest): Promise<readonly DeadLetter[]> {
    return this.#reading("list dead letters", (db) => {
      const { filter, after, limit } = request;
      return deadLetters(db, filter)
        .filter(({ message }) => message.seq > after)
        .slice(0, limit)
        .map(({ message, failure }) => ({
          message: copyOf(message),
          failure: { ...failure },
        }));
    });
  }

  listExpired(request: ListExpiredRequest): Promise<readonly ExpiredMessage[]> {
    return this.#reading("list expired messages", (db) => {
      const { before, limit } = request;
      return db.expired.toReversed()
        .filter(({ place }) => place < before)
        .slice(0, limit)
        .map(copyOfKept);
    });
  }

  retryDead(filter: DeadLetterFilter): Promise<{ readonly changed: number }> {
    return this.#changeDead("retry dead letters", filter, (db, failure) => {
      db.failures.set(failure.seq, {
        ...failure,
        state: "retry",
        holds: true,
        attempts: 0,
        deaths: 0,
        delayMs: 0,
      });
    });
  }

  discardDead(filter: DeadLetterFilter): Promise<{ readonly changed: number }> {
    return this.#changeDead("discard dead letters", filter, (db, { seq }) => {
      db.failures.delete(seq);
      db.messages.delete(seq);
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #record(request: SettleRequest): void {
    const { delivered, recovered, failed, archive, nowMs } = request;
    const { messages, failures } = this.#db;
    for (const seq of delivered) {
      const message = messages.get(seq);
      if (message === undefined) continue;
      messages.delete(seq);
      if (archive) this.#db.archive.push({ message, deliveredAtMs: nowMs });
    }
    this.#expire(request);
    for (const seq of recovered) failures.delete(seq);
    for (const failure of failed) {
      if (messages.has(failure.seq)) failures.set(failure.seq, { ...failure });
    }
  }

  #expire({ expired, keepExpired, nowMs }: SettleRequest): void {
    const db = this.#db;
    for (const seq of [...expired].sort((one, other) => one - other)) {
      const message = db.messages.get(seq);
      if (message === undefined) continue;
      db.messages.delete(seq);
      const place = ++db.expiredCount;
      db.expired.push({ message, place, expiredAtMs: nowMs });
    }
    const beyond = Math.max(0, db.expired.length - keepExpired);
    db.expired.splice(0, Math.min(beyond, expired.length * 2));
  }

  #changeDead(
    action: string,
    filter: DeadLetterFilter,
    change: (db: MemoryDatabase, failure: FailureRecord) => void,
  ): Promise<{ readonly changed: number }> {
    return this.#writing(action, (db) => {
      const dead = deadLetters(db, filter);
      for (const { failure } of dead) change(db, failure);
      if (dead.length > 0) {
        db.revision++;
        db.announce();
      }
      return { changed: dead.length };
    });
  }

  #reading<T>(action: string, work: (db: MemoryDatabase) => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.#closed || this.#process !== this.#db.processes) {
        throw closedError(action);
      }
      resolve(work(this.#db));
    });
  }

  #writing<T>(action: string, work: (db: MemoryDatabase) => T): Promise<T> {
    return this.#reading(action, (db) => {
      db.lock(this, action);
      try {
        return work(db);
      } finally {
        db.unlock(this);
      }
    });
  }
}

function closedError(action: string): StorageError {
  return new StorageError(
    "STORAGE_FAILED",
    `Cannot ${action} as the store is closed`,
  );
}
