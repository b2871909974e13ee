/**
 * Letters: put, removed and listed in the consumer's transaction.
 *
 * @module
 */

import { check, checkEqual, checkRefused } from "./checks.ts";
import {
  type LetterBench,
  type LetterCase,
  letterOf,
  payloadsOf,
  unnumbered,
} from "./letter_bench.ts";
import { refusalOfFinished } from "./storage_harness.ts";

/** What a letter box keeps, gives back, and refuses. */
export const letterCases: readonly LetterCase[] = [
  {
    name: "letters: what is put is listed, by ascending number",
    async run(bench) {
      checkEqual(await bench.list(), [], "an empty box");
      const letters = [letterOf(1), letterOf(2), letterOf(3)];
      checkEqual(
        await bench.put(...letters),
        [true, true, true],
        "each is put",
      );
      const listed = await bench.list();
      checkEqual(unnumbered(listed), letters, "what was put, in order");
      const numbers = listed.map(({ number }) => number);
      check(numbers.every(Number.isSafeInteger), "numbers are integers");
      check(numbers.every((number) => number >= 1), "numbers are from 1 on");
      const ascending = [...new Set(numbers)].sort((one, two) => one - two);
      checkEqual(numbers, ascending, "numbers ascend");
    },
  },
  {
    name: "letters: the same message twice is two letters",
    async run(bench) {
      await bench.put(letterOf(1), letterOf(1));
      checkEqual(payloadsOf(await bench.list()), [1, 1], "both are there");
    },
  },
  {
    name: "letters: pages begin above a number, and end at the limit",
    async run(bench) {
      await bench.put(...[1, 2, 3, 4, 5].map((n) => letterOf(n)));
      const found: number[] = [];
      let after = 0;
      for (let page = 0; page < 3; page++) {
        const letters = await bench.list({ after, limit: 2 });
        check(letters.length <= 2, "a page holds no more than its limit");
        found.push(...payloadsOf(letters));
        after = letters.at(-1)?.number ?? after;
      }
      checkEqual(found, [1, 2, 3, 4, 5], "every letter is on one page");
      checkEqual(await bench.list({ after }), [], "nothing comes after them");
    },
  },
  {
    name: "letters: beyond the limit nothing is put",
    async run(bench) {
      checkEqual(
        await bench.putUpTo(0, letterOf(0)),
        [false],
        "no room at all",
      );
      const three = [letterOf(1), letterOf(2), letterOf(3)];
      checkEqual(
        await bench.putUpTo(2, ...three),
        [true, true, false],
        "the third is too many, also within one transaction",
      );
      checkEqual(payloadsOf(await bench.list()), [1, 2], "two are there");
      const [first] = await bench.list();
      await bench.remove(first!.number);
      checkEqual(await bench.putUpTo(2, letterOf(4)), [true], "room again");
      checkEqual(payloadsOf(await bench.list()), [2, 4], "the new one is last");
    },
  },
  {
    name: "letters: a letter is removed once",
    async run(bench) {
      await bench.put(letterOf(1), letterOf(2));
      const [first, second] = await bench.list();
      checkEqual(await bench.remove(first!.number), true, "it was there");
      checkEqual(await bench.remove(first!.number), false, "it was not");
      const unknown = second!.number + 1_000;
      checkEqual(await bench.remove(unknown), false, "it never was");
      checkEqual(payloadsOf(await bench.list()), [2], "the other is there");
    },
  },
  {
    name: "letters: each consumer has its own, and its own limit",
    async run(bench) {
      const other = "other";
      await bench.put(letterOf(1), letterOf(2, { consumer: other }));
      const [theirs] = await bench.list({ consumer: other });
      checkEqual(payloadsOf(await bench.list()), [1], "mine");
      checkEqual(theirs?.payload[0], 2, "theirs");
      checkEqual(theirs?.consumer, other, "theirs by name");
      checkEqual(
        await bench.remove(theirs!.number),
        false,
        "theirs is not mine",
      );
      checkEqual(
        await bench.putUpTo(2, letterOf(3)),
        [true],
        "theirs take none of my room",
      );
      const [mine] = await bench.list();
      await bench.remove(mine!.number);
      checkEqual(
        payloadsOf(await bench.list({ consumer: other })),
        [2],
        "theirs are as they were",
      );
    },
  },
  {
    name: "letters: a rollback undoes what was put and what was removed",
    async run(bench) {
      await bench.put(letterOf(1));
      const before = await bench.list();
      const { letters } = bench.harness.storage;
      await bench.rolledBack(async (tx) => {
        await letters.put(tx, letterOf(2), 10);
        const { consumer, number } = before[0]!;
        check(await letters.remove(tx, { consumer, number }), "it was there");
        const seen = await letters.list(tx, { consumer, after: 0, limit: 10 });
        checkEqual(payloadsOf(seen), [2], "the transaction sees its own");
      });
      checkEqual(await bench.list(), before, "everything is as before");
    },
  },
  {
    name: "letters: they outlive their process as far as they were committed",
    async run(bench) {
      await bench.put(letterOf(1));
      const { letters } = bench.harness.storage;
      const dying = bench.harness.transaction(async (tx) => {
        await letters.put(tx, letterOf(2), 10);
        await bench.restart();
      });
      await dying.catch(() => {});
      checkEqual(payloadsOf(await bench.list()), [1], "what was committed");
    },
  },
  {
    name: "letters: a handle that is no transaction is refused",
    async run(bench) {
      for (const handle of [bench.harness.plainHandle, undefined, null, {}]) {
        await refuseAll(bench, handle, "NOT_A_TRANSACTION");
      }
      checkEqual(await bench.list(), [], "nothing is put");
    },
  },
  {
    name: "letters: a transaction that is over is refused",
    async run(bench) {
      let leaked: unknown;
      await bench.harness.transaction((tx) => Promise.resolve(leaked = tx));
      await refuseAll(bench, leaked, refusalOfFinished(bench.harness, leaked));
      checkEqual(await bench.list(), [], "nothing is put");
    },
  },
  {
    name: "letters: a transaction on another database is refused",
    async run(bench) {
      await bench.harness.foreignTransaction((tx) =>
        refuseAll(bench, tx, "FOREIGN_TRANSACTION")
      );
      checkEqual(await bench.list(), [], "nothing is put");
    },
  },
  {
    name: "letters: before migrate() they are refused, and afterwards kept",
    unmigrated: true,
    async run(bench) {
      await bench.harness.transaction((tx) =>
        refuseAll(bench, tx, "STORAGE_NOT_MIGRATED")
      );
      await bench.harness.storage.migrate();
      checkEqual(await bench.put(letterOf(1)), [true], "after migrate()");
    },
  },
];

/** Whatever is done with such a handle fails. */
async function refuseAll(
  { harness: { storage: { letters } } }: LetterBench,
  tx: unknown,
  code: Parameters<typeof checkRefused>[1][number],
): Promise<void> {
  const consumer = "consumer";
  const attempts = {
    put: () => letters.put(tx, letterOf(1), 10),
    remove: () => letters.remove(tx, { consumer, number: 1 }),
    list: () => letters.list(tx, { consumer, after: 0, limit: 1 }),
  };
  for (const [what, attempt] of Object.entries(attempts)) {
    await checkRefused(attempt, [code], `${what} on such a handle`);
  }
}
