/**
 * Letter boxes that break one promise each.
 *
 * @module
 */

import type { LetterBox, NewLetter } from "@mailboat/outbox";
import type { MemoryTransaction } from "@mailboat/outbox/testing";
import { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { MemoryLetterBox } from "../../src/testing/memory_letter_box.ts";
import { StagedTransaction } from "../../src/testing/memory_transaction.ts";
import {
  type BrokenStorage,
  type LettersOf,
  lettersSoundly,
} from "./broken_storage.ts";

/** A sound letter box but for some of its methods. */
const changing = (
  change: (
    sound: LetterBox<MemoryTransaction>,
    db: MemoryDatabase,
  ) => Partial<LetterBox<MemoryTransaction>>,
): { readonly letters: LettersOf } => ({
  letters: (db) => {
    const sound = lettersSoundly(db);
    return { ...sound, ...change(sound, db) };
  },
});

/** A sound letter box but for what it writes. */
const writing = (
  change: (letter: NewLetter) => NewLetter,
): { readonly letters: LettersOf } =>
  changing(({ put }) => ({
    put: (tx, letter, limit) => put(tx, change(letter), limit),
  }));

/** Works on the database itself where the transaction is refused. */
const regardless = (code: string): { readonly letters: LettersOf } =>
  changing((sound, db) => ({
    put: (tx, letter, limit) =>
      sound.put(tx, letter, limit).catch((error) => {
        if (error.code !== code) throw error;
        return db.letters.put(letter, limit);
      }),
  }));

/** Text as SQLite gives it back when it is stored as it is. */
const cut = (text: string): string => text.split("\u0000")[0] ?? "";
/** Text as UTF-8 has it. */
const encoded = (text: string): string =>
  new TextDecoder().decode(new TextEncoder().encode(text));

/** The faults of letter boxes. */
export const brokenLetterBoxes: readonly BrokenStorage[] = [
  {
    guarantee: "G1",
    fault: "a letter commits by itself",
    killedBy: "letters: a rollback undoes what was put and what was removed",
    ...changing((_, db) => ({
      put: (_tx, letter, limit) =>
        Promise.resolve(db.letters.put(letter, limit)),
    })),
  },
  {
    guarantee: "G1",
    fault: "a removal commits by itself",
    killedBy: "letters: a rollback undoes what was put and what was removed",
    ...changing((_, db) => ({
      remove: (_tx, letter) => Promise.resolve(db.letters.remove(letter)),
    })),
  },
  {
    guarantee: "G1",
    fault: "without a transaction it commits by itself",
    killedBy: "letters: a handle that is no transaction is refused",
    ...regardless("NOT_A_TRANSACTION"),
  },
  {
    guarantee: "G1",
    fault: "after the transaction it commits by itself",
    killedBy: "letters: a transaction that is over is refused",
    ...regardless("TRANSACTION_FINISHED"),
  },
  {
    guarantee: "G1",
    fault: "it writes to whatever database the transaction is on",
    killedBy: "letters: a transaction on another database is refused",
    ...changing((sound) => ({
      put: async (tx, letter, limit) =>
        tx instanceof StagedTransaction
          ? tx.changeLetters().put(letter, limit)
          : await sound.put(tx, letter, limit),
    })),
  },
  {
    guarantee: "G2",
    fault: "letters do not outlive their process",
    killedBy:
      "letters: they outlive their process as far as they were committed",
    database: class extends MemoryDatabase {
      override kill() {
        super.kill();
        this.letters = new MemoryLetterBox();
      }
    },
  },
  {
    guarantee: "G2",
    fault: "the oldest goes when a new one comes",
    killedBy: "letters: beyond the limit nothing is put",
    ...changing((sound) => ({
      put: async (tx, letter, limit) => {
        if (await sound.put(tx, letter, limit)) return true;
        const { consumer } = letter;
        const page = { consumer, after: 0, limit: 1 };
        for (const oldest of await sound.list(tx, page)) {
          await sound.remove(tx, oldest);
        }
        return await sound.put(tx, letter, limit);
      },
    })),
  },
  {
    guarantee: "G7",
    fault: "there is no limit",
    killedBy: "letters: beyond the limit nothing is put",
    ...changing(({ put }) => ({ put: (tx, letter) => put(tx, letter, 1e9) })),
  },
  {
    guarantee: "G7",
    fault: "a page has no end",
    killedBy: "letters: pages begin above a number, and end at the limit",
    ...changing(({ list }) => ({
      list: (tx, request) => list(tx, { ...request, limit: 1e9 }),
    })),
  },
  {
    guarantee: "G8",
    fault: "a page begins anew",
    killedBy: "letters: pages begin above a number, and end at the limit",
    ...changing(({ list }) => ({
      list: (tx, request) => list(tx, { ...request, after: 0 }),
    })),
  },
  {
    guarantee: "G2",
    fault: "whoever knows the number may remove a letter",
    killedBy: "letters: each consumer has its own, and its own limit",
    ...changing(({ remove }) => ({
      remove: async (tx, { number }) => {
        const each = ["consumer", "other"].map((consumer) =>
          remove(tx, { consumer, number })
        );
        return (await Promise.all(each)).includes(true);
      },
    })),
  },
  {
    guarantee: "G2",
    fault: "one message is one letter, the newest",
    killedBy: "letters: the same message twice is two letters",
    ...changing((sound) => ({
      put: async (tx, letter, limit) => {
        const { consumer, id } = letter;
        const all = { consumer, after: 0, limit: 1e9 };
        for (const one of await sound.list(tx, all)) {
          if (one.id === id) await sound.remove(tx, one);
        }
        return await sound.put(tx, letter, limit);
      },
    })),
  },
  {
    guarantee: "G2",
    fault: "bytes are taken for text",
    killedBy: "letters: payloads come back byte for byte",
    ...writing((letter) => ({
      ...letter,
      payload: new TextEncoder().encode(
        new TextDecoder().decode(letter.payload),
      ),
    })),
  },
  {
    guarantee: "G2",
    fault: "text is cut at NUL",
    killedBy: "letters: hostile text comes back as it was",
    ...writing((letter) => ({ ...letter, topic: cut(letter.topic) })),
  },
  {
    guarantee: "G2",
    fault: "lone surrogates are replaced",
    killedBy: "letters: hostile text comes back as it was",
    ...writing((letter) => ({ ...letter, reason: encoded(letter.reason) })),
  },
  {
    guarantee: "G2",
    fault: "bytes among the properties go through JSON",
    killedBy: "letters: properties come back, repeated names and bytes as well",
    ...writing((letter) => ({
      ...letter,
      ...(letter.properties && {
        properties: JSON.parse(JSON.stringify(letter.properties)),
      }),
    })),
  },
  {
    guarantee: "G1",
    fault: "a thing that is not there is written to as if it were",
    killedBy: "letters: before migrate() they are refused, and afterwards kept",
    database: class extends MemoryDatabase {
      override requireTables() {}
    },
  },
];
