/**
 * Writers that break one promise each.
 *
 * @module
 */

import type { NewMessage } from "@mailboat/outbox";
import { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { StagedTransaction } from "../../src/testing/memory_transaction.ts";
import { type BrokenStorage, type Insert, soundly } from "./broken_storage.ts";

/** Stores messages in a transaction of its own, committed at once. */
const autocommit: Insert = (db, _, messages) => {
  for (const message of messages) db.append(message);
  return messages.map(() => true);
};

/** The faults of writers. */
export const brokenWriters: readonly BrokenStorage[] = [
  {
    guarantee: "G1",
    fault: "an insert commits by itself",
    killedBy: "enqueue: a rollback leaves neither message nor business row",
    insert: autocommit,
  },
  {
    guarantee: "G1",
    fault: "an insert commits before the transaction does",
    killedBy: "enqueue: nothing of an open transaction can be read",
    insert: autocommit,
  },
  {
    guarantee: "G1",
    fault: "without a transaction it commits by itself",
    killedBy: "enqueue: a handle that is no transaction is refused",
    insert: (db, tx, messages) =>
      (tx instanceof StagedTransaction ? soundly : autocommit)(
        db,
        tx,
        messages,
      ),
  },
  {
    guarantee: "G1",
    fault: "after the transaction it commits by itself",
    killedBy: "enqueue: a transaction that is over is refused",
    insert: (db, tx, messages) => {
      try {
        return soundly(db, tx, messages);
      } catch (error) {
        if ((error as { code?: unknown }).code !== "TRANSACTION_FINISHED") {
          throw error;
        }
        return autocommit(db, tx, messages);
      }
    },
  },
  {
    guarantee: "G1",
    fault: "it writes to whatever database the transaction is on",
    killedBy: "enqueue: a transaction on another database is refused",
    insert: (db, tx, messages) =>
      tx instanceof StagedTransaction
        ? tx.insert(messages)
        : soundly(db, tx, messages),
  },
  {
    guarantee: "G1",
    fault: "a chosen id is stored twice",
    killedBy:
      "enqueue: a chosen id is stored once, and the second call says so",
    insert: (db, tx, messages) =>
      soundly(
        db,
        tx,
        messages.map((message) => ({ ...message, chosenId: false })),
      ),
  },
  {
    guarantee: "G3",
    fault: "messages of one call are stored in another order",
    killedBy: "enqueue: messages keep the order of calls and of commits",
    insert: (db, tx, messages) => soundly(db, tx, [...messages].reverse()),
  },
  {
    guarantee: "G3",
    fault: "a sequence follows the highest one that is left",
    killedBy: "sequence: none is used again once the outbox was emptied",
    database: class extends MemoryDatabase {
      override append(message: NewMessage) {
        this.newestSeq = Math.max(0, ...this.messages.keys());
        super.append(message);
      }
    },
  },
  {
    guarantee: "G1",
    fault: "a thing that is not there is written to as if it were",
    killedBy: "open: before migrate() it is refused, and afterwards it works",
    database: class extends MemoryDatabase {
      override requireTables() {}
    },
  },
  {
    guarantee: "G1",
    fault: "an insert says that it stored what it did not",
    killedBy:
      "enqueue: a commit leaves the message and the business row together",
    insert: (_, __, messages) => messages.map(() => true),
  },
  {
    guarantee: "G2",
    fault: "bytes are taken for text",
    killedBy: "round trip: bytes that are no UTF-8",
    insert: (db, tx, messages) =>
      soundly(
        db,
        tx,
        messages.map((message) => ({
          ...message,
          payload: new TextEncoder()
            .encode(new TextDecoder().decode(message.payload)),
        })),
      ),
  },
  {
    guarantee: "G3",
    fault: "no key is taken for an empty one",
    killedBy: "round trip: no key",
    insert: (db, tx, messages) =>
      soundly(
        db,
        tx,
        messages.map((message) => ({ ...message, key: message.key ?? "" })),
      ),
  },
];
