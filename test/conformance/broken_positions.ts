/**
 * Storages that count wrongly, or forget what they must not.
 *
 * @module
 */

import type { NewMessage } from "@mailboat/outbox";
import { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { type BrokenStorage, Sound, soundly } from "./broken_storage.ts";

type ForgetRequest = Parameters<Sound["forgetPositions"]>[0];

/** Counts under whatever name the key is given. */
function countingBy(name: (message: NewMessage) => string) {
  return class extends MemoryDatabase {
    override append(message: NewMessage) {
      super.append({ ...message, counted: false });
      const { key, counted } = message;
      if (key === null || !counted) return;
      const seq = this.newestSeq;
      const position = this.positions.next(name(message), seq);
      this.messages.set(seq, { ...this.messages.get(seq)!, position });
    }
  };
}

/** The faults of counting. */
export const brokenPositions: readonly BrokenStorage[] = [
  {
    guarantee: "G3",
    fault: "all keys are counted together",
    killedBy: "position: the counted messages of each key are numbered from 1",
    database: countingBy(() => "all"),
  },
  {
    guarantee: "G3",
    fault: "keys that differ in case are counted together",
    killedBy: "position: keys that differ a little are counted apart",
    database: countingBy(({ key }) => String(key).toLowerCase()),
  },
  {
    guarantee: "G3",
    fault: "what is undone has taken a position",
    killedBy: "position: a rollback leaves no hole",
    insert: (db, tx, messages) => {
      for (const { key } of messages) if (key) db.positions.next(key, 0);
      return soundly(db, tx, messages);
    },
  },
  {
    guarantee: "G3",
    fault: "an id that is there already takes a position",
    killedBy: "position: an id that is there already takes none",
    insert: (db, tx, messages) => {
      const stored = soundly(db, tx, messages);
      messages.forEach(({ key }, at) => {
        if (key && !stored[at]) db.positions.next(key, 0);
      });
      return stored;
    },
  },
  {
    guarantee: "G3",
    fault: "the positions are those of the messages that are left",
    killedBy:
      "position: it goes on when the messages are gone, after a restart too",
    database: class extends MemoryDatabase {
      override append(message: NewMessage) {
        super.append(message);
        const seq = this.newestSeq;
        const own = [...this.messages.values()]
          .filter(({ key }) => key === message.key);
        const position = message.counted ? own.length : null;
        this.messages.set(seq, { ...this.messages.get(seq)!, position });
      }
    },
  },
  {
    guarantee: "G3",
    fault: "a key that goes on is forgotten",
    killedBy:
      "position: keys of long ago are forgotten, a part at a time, no others",
    store: class extends Sound {
      override forgetPositions(request: ForgetRequest) {
        return super.forgetPositions({ ...request, countedBefore: Infinity });
      }
    },
  },
  {
    guarantee: "G7",
    fault: "nothing is ever forgotten",
    killedBy:
      "position: keys of long ago are forgotten, a part at a time, no others",
    store: class extends Sound {
      override forgetPositions() {
        return Promise.resolve({ forgotten: 0 });
      }
    },
  },
  {
    guarantee: "G7",
    fault: "all keys are looked at at once",
    killedBy:
      "position: keys of long ago are forgotten, a part at a time, no others",
    store: class extends Sound {
      override forgetPositions(request: ForgetRequest) {
        return super.forgetPositions({ ...request, limit: Infinity });
      }
    },
  },
];
