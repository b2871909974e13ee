/**
 * Inboxes that break one promise each.
 *
 * @module
 */

import type { RecordRequest } from "@mailboat/outbox";
import { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { MemoryInbox } from "../../src/testing/memory_inbox.ts";
import { StagedTransaction } from "../../src/testing/memory_transaction.ts";
import {
  type BrokenStorage,
  lookSoundly,
  type RecordMessage,
  recordSoundly,
} from "./broken_storage.ts";

/** A sound inbox but for what it is asked. */
const asking = (
  change: <Request extends Asked>(request: Request) => Request,
): Pick<BrokenStorage, "look" | "record"> => ({
  look: (db, tx, request) => lookSoundly(db, tx, change(request)),
  record: (db, tx, request) => recordSoundly(db, tx, change(request)),
});

interface Asked {
  readonly consumer: string;
  readonly source: string;
  readonly id: string;
}

/** A sound inbox but for what it writes. */
const writing = (
  change: (request: RecordRequest) => Partial<RecordRequest>,
): Pick<BrokenStorage, "record"> => ({
  record: (db, tx, request) =>
    recordSoundly(db, tx, { ...request, ...change(request) }),
});

const expiring = (
  change: Partial<NonNullable<RecordRequest["expire"]>>,
): Pick<BrokenStorage, "record"> =>
  writing(({ expire }) => ({ expire: expire && { ...expire, ...change } }));

/** Writes whatever the transaction is worth. */
const autocommit: RecordMessage = (db, _, request) => db.inbox.record(request);

/** Goes on without the transaction where that is refused. */
const regardless = (
  code: string,
): Pick<BrokenStorage, "look" | "record"> => {
  const dodge = <Args extends unknown[], Answer>(
    sound: (...args: Args) => Answer,
    other: (...args: Args) => Answer,
  ) =>
  (...args: Args): Answer => {
    try {
      return sound(...args);
    } catch (error) {
      if ((error as { code?: unknown }).code !== code) throw error;
      return other(...args);
    }
  };
  return {
    look: dodge(lookSoundly, (db, _, request) => db.inbox.look(request)),
    record: dodge(recordSoundly, autocommit),
  };
};

/** The faults of inboxes. */
export const brokenInboxes: readonly BrokenStorage[] = [
  {
    guarantee: "G1",
    fault: "a record commits by itself",
    killedBy: "accept: a rollback forgets the message with the work",
    record: autocommit,
  },
  {
    guarantee: "G1",
    fault: "nothing is recorded",
    killedBy: "accept: a message is accepted once, however often it comes",
    record: () => true,
  },
  {
    guarantee: "G1",
    fault: "what is in the transaction itself is not seen",
    killedBy: "accept: twice in one transaction is once",
    look: (db, _, request) => db.inbox.look(request),
    record: (db, tx, request) => recordSoundly(db, tx, request) || true,
  },
  {
    guarantee: "G1",
    fault: "records do not outlive their process",
    killedBy:
      "accept: another process remembers what was committed, and no more",
    database: class extends MemoryDatabase {
      override kill() {
        super.kill();
        this.inbox = new MemoryInbox();
      }
    },
  },
  {
    guarantee: "G1",
    fault: "a record is new to everyone who looked before it came",
    killedBy: "accept: twice at once in one transaction is once",
    record: (db, tx, request) => recordSoundly(db, tx, request) || true,
  },
  {
    guarantee: "G1",
    fault: "what one consumer accepted, no other may",
    killedBy: "accept: every consumer accepts for itself",
    ...asking((request) => ({ ...request, consumer: "all" })),
  },
  {
    guarantee: "G1",
    fault: "a message is named by source and id without a border",
    killedBy: "accept: source and id together name a message",
    ...asking((request) => {
      const { source, id } = request;
      return { ...request, source: "", id: source + id };
    }),
  },
  {
    guarantee: "G1",
    fault: "an id is a word, and not its bytes",
    killedBy: "accept: ids are compared byte by byte, whatever is in them",
    ...asking((request) => ({ ...request, id: request.id.toLowerCase() })),
  },
  {
    guarantee: "G1",
    fault: "an id is cut",
    killedBy: "accept: ids are compared byte by byte, whatever is in them",
    ...asking((request) => ({ ...request, id: request.id.slice(0, 254) })),
  },
  {
    guarantee: "G1",
    fault: "without a transaction it commits by itself",
    killedBy: "accept: a handle that is no transaction is refused",
    ...regardless("NOT_A_TRANSACTION"),
  },
  {
    guarantee: "G1",
    fault: "after the transaction it commits by itself",
    killedBy: "accept: a transaction that is over is refused",
    ...regardless("TRANSACTION_FINISHED"),
  },
  {
    guarantee: "G1",
    fault: "it writes to whatever database the transaction is on",
    killedBy: "accept: a transaction on another database is refused",
    look: (db, tx, request) =>
      tx instanceof StagedTransaction
        ? tx.look(request)
        : lookSoundly(db, tx, request),
    record: (db, tx, request) =>
      tx instanceof StagedTransaction
        ? tx.record(request)
        : recordSoundly(db, tx, request),
  },
  {
    guarantee: "G1",
    fault: "a thing that is not there is written to as if it were",
    killedBy: "accept: before migrate() it is refused, and afterwards it works",
    database: class extends MemoryDatabase {
      override requireTables() {}
    },
  },
  {
    guarantee: "G3",
    fault: "how far a key has come is not kept",
    killedBy:
      "continuity: a gap is told with what is missing, and then no more",
    ...writing(() => ({ lane: null })),
  },
  {
    guarantee: "G3",
    fault: "the progress of a key is kept without its sequence",
    killedBy:
      "continuity: without positions the sequence tells what comes late",
    ...writing(({ lane }) => ({
      lane: lane && { ...lane, progress: { ...lane.progress, seq: null } },
    })),
  },
  {
    guarantee: "G3",
    fault: "all keys are one",
    killedBy: "continuity: each consumer, source and key goes its own way",
    look: (db, tx, request) => lookSoundly(db, tx, { ...request, key: "k" }),
    ...writing(({ lane }) => ({ lane: lane && { ...lane, key: "k" } })),
  },
  {
    guarantee: "G7",
    fault: "no key is ever forgotten",
    killedBy:
      "continuity: the keys that are kept are bounded, the oldest go first",
    ...writing(() => ({ forgetLanes: null })),
  },
  {
    guarantee: "G7",
    fault: "nothing is ever removed",
    killedBy: "retention: the newest are recognised, and the oldest are not",
    ...writing(() => ({ expire: null })),
  },
  {
    guarantee: "G7",
    fault: "age does not count",
    killedBy: "retention: what is older than its time goes, but for the newest",
    ...expiring({ oldUpTo: 0 }),
  },
  {
    guarantee: "G2",
    fault: "the newest go with the others when they are old",
    killedBy: "retention: what is older than its time goes, but for the newest",
    ...expiring({ oldUpTo: 1e9 }),
  },
  {
    guarantee: "G2",
    fault: "everything that is old goes at once",
    killedBy: "retention: a clock that jumps ahead wipes nothing at once",
    ...expiring({ limit: 1e9 }),
  },
  {
    guarantee: "G2",
    fault: "what is young is taken for old",
    killedBy: "retention: what is younger than its time is recognised",
    ...expiring({ beforeMs: Infinity }),
  },
  {
    guarantee: "G7",
    fault: "too few of the oldest are looked at",
    killedBy: "retention: a surplus melts away while messages come",
    ...expiring({ limit: 32 }),
  },
];
