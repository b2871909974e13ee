/**
 * Accepting: once per message and consumer, in the consumer's transaction.
 *
 * @module
 */

import type { InboxMessage } from "../../../mod.ts";
import { check, checkEqual, checkRefused } from "./checks.ts";
import { type InboxBench, type InboxCase, messageAt } from "./inbox_bench.ts";
import { refusalOfFinished } from "./storage_harness.ts";

/** How many transactions overlap. */
const RIVALS = 8;
/** The most bytes of an id and of a source. */
const MAX_BYTES = 1_024;

/** Ids that a statement or an index might take for something else. */
const HOSTILE: readonly string[] = [
  "'; DROP TABLE business; --",
  '"',
  "?",
  "%",
  "a",
  "A",
  " a",
  "a ",
  "1",
  "1.0",
  "\u00e9",
  "e\u0301",
  "\u{1f4ec}",
  "\ufeff",
  "null",
  "x".repeat(255),
  `${"x".repeat(254)}y`,
  "\u20ac".repeat(85),
  "x".repeat(MAX_BYTES),
];

/** What the inbox lets in, and what it refuses. */
export const acceptCases: readonly InboxCase[] = [
  {
    name: "accept: a message is accepted once, however often it comes",
    async run(bench) {
      const one = bench.consumer();
      const found = await one.commit(messageAt(1), messageAt(1), messageAt(1));
      checkEqual(found, [true, false, false], "once, and never again");
      checkEqual(
        one.events.map(({ type }) => type),
        ["inbox.duplicate", "inbox.duplicate"],
        "each time that it comes again is told",
      );
    },
  },
  {
    name: "accept: twice in one transaction is once",
    async run(bench) {
      const one = bench.consumer();
      const twice = [messageAt(1), messageAt(1), messageAt(2)];
      const found = await one.commitTogether(twice);
      checkEqual(found, [messageAt(1), messageAt(2)], "each is new once");
    },
  },
  {
    name: "accept: twice at once in one transaction is once",
    async run(bench) {
      const one = bench.consumer();
      const found = await bench.harness.transaction((tx) =>
        Promise.all([1, 1, 2].map((at) => one.accept(tx, messageAt(at))))
      );
      checkEqual(found, [true, false, true], "whoever looked before the other");
    },
  },
  {
    name: "accept: a rollback forgets the message with the work",
    async run(bench) {
      const one = bench.consumer();
      const undone = new Error("undone");
      const work = bench.harness.transaction(async (tx) => {
        await bench.harness.writeRow(tx, "row");
        check(await one.accept(tx, messageAt(1)), "it is accepted");
        throw undone;
      });
      const thrown = await work.then(() => null, (error: unknown) => error);
      check(thrown === undone, "the harness rethrows what the work threw");
      checkEqual(await bench.harness.rows(), [], "the work is undone");
      const again = await one.commit(messageAt(1), messageAt(1));
      checkEqual(again, [true, false], "it is accepted when it comes again");
    },
  },
  {
    name: "accept: another process remembers what was committed, and no more",
    async run(bench) {
      const one = bench.consumer();
      await one.commit(messageAt(1));
      // The process dies within the transaction: nobody ends it.
      const dying = bench.harness.transaction(async (tx) => {
        await one.accept(tx, messageAt(2));
        await bench.restart();
      });
      await dying.catch(() => {});
      const found = await one.commit(messageAt(1), messageAt(2), messageAt(3));
      checkEqual(found, [false, true, true], "what was committed is known");
    },
  },
  {
    name: "accept: of transactions that overlap, one accepts",
    async run(bench) {
      const one = bench.consumer();
      const other = bench.consumer();
      const answers: boolean[] = [];
      await bench.harness.transaction(async (tx) => {
        answers.push(await one.accept(tx, messageAt(1)));
        // A database with one writer refuses this: then there is no overlap.
        await other.commit(messageAt(1)).then(
          (found) => answers.push(...found),
          () => {},
        );
      }).catch(() => answers.splice(0, 1));
      checkEqual(
        answers.filter((accepted) => accepted),
        [true],
        "the message is accepted by one of two",
      );
    },
  },
  {
    name: "accept: many at once do the work of each message once",
    async run(bench) {
      const messages = [1, 2, 3, 4, 5].map((at) => messageAt(at));
      const turns = Array.from(
        { length: RIVALS },
        () => messages.map((message) => () => workOnce(bench, message)),
      ).flat();
      const rest = await Promise.all(
        turns.map((turn) => turn().then(() => null, () => turn)),
      );
      // Those that were refused, as another was writing, come again.
      for (const turn of rest) await turn?.();
      checkEqual(
        [...await bench.harness.rows()].sort(),
        messages.map(({ id }) => id),
        "each message has its row once",
      );
    },
  },
  {
    name: "accept: every consumer accepts for itself",
    async run(bench) {
      const [one, other] = [
        bench.consumer({ consumer: "one" }),
        bench.consumer({ consumer: "other" }),
      ];
      checkEqual(await one.commit(messageAt(1)), [true], "the one");
      const found = await other.commit(messageAt(1), messageAt(1));
      checkEqual(found, [true, false], "and the other");
      checkEqual(await one.commit(messageAt(1)), [false], "each only once");
    },
  },
  {
    name: "accept: source and id together name a message",
    async run(bench) {
      const named = (source: string, id: string) =>
        messageAt(1, { source, id, key: null });
      const all = [
        named("a", "bc"),
        named("ab", "c"),
        named("a", "b"),
        named("b", "bc"),
        named("bc", "a"),
      ];
      checkEqual(
        await bench.consumer().commitTogether(all),
        all,
        "each is new",
      );
      checkEqual(await bench.consumer().unknown(all), [], "each is known");
    },
  },
  {
    name: "accept: ids are compared byte by byte, whatever is in them",
    async run(bench) {
      const all = HOSTILE.flatMap((text) => [
        messageAt(1, { id: text, key: text }),
        messageAt(1, { source: text }),
      ]);
      checkEqual(
        await bench.consumer().commitTogether(all),
        all,
        "each is new",
      );
      await bench.restart();
      checkEqual(await bench.consumer().unknown(all), [], "each is known");
    },
  },
  {
    name: "accept: what is no message is refused, and not recorded",
    async run(bench) {
      const one = bench.consumer();
      const texts = ["", "a\u0000b", "\ud800", "x".repeat(MAX_BYTES + 1)];
      const bad: Partial<InboxMessage>[] = [
        ...texts.flatMap((text) => [{ id: text }, { source: text }]),
        ...[-1, 0.5, NaN, 2 ** 53].flatMap((
          n,
        ) => [{ seq: n }, { position: n }]),
        { position: 0 },
        { key: "a\u0000b" },
      ];
      await bench.harness.transaction(async (tx) => {
        for (const given of bad) {
          await checkRefused(
            () => one.accept(tx, messageAt(1, given)),
            ["INVALID_MESSAGE"],
            "a message that is none",
          );
        }
      });
      checkEqual(await one.commit(messageAt(1)), [true], "nothing is recorded");
    },
  },
  {
    name: "accept: a handle that is no transaction is refused",
    async run(bench) {
      const one = bench.consumer();
      for (const handle of [bench.harness.plainHandle, undefined, null, {}]) {
        await checkRefused(
          () => one.accept(handle, messageAt(1)),
          ["NOT_A_TRANSACTION"],
          "an accept on a handle that is no transaction",
        );
      }
      checkEqual(await one.commit(messageAt(1)), [true], "nothing is recorded");
    },
  },
  {
    name: "accept: a transaction that is over is refused",
    async run(bench) {
      const one = bench.consumer();
      const leaked: unknown[] = [];
      await bench.harness.transaction((tx) => Promise.resolve(leaked.push(tx)));
      await bench.harness.transaction((tx) => {
        leaked.push(tx);
        return Promise.reject(new Error("undone"));
      }).catch(() => {});
      checkEqual(leaked.length, 2, "the harness runs the work once");
      for (const tx of leaked) {
        await checkRefused(
          () => one.accept(tx, messageAt(1)),
          [refusalOfFinished(bench.harness, tx)],
          "an accept on a transaction that is over",
        );
      }
      checkEqual(await one.commit(messageAt(1)), [true], "nothing is recorded");
    },
  },
  {
    name: "accept: a transaction on another database is refused",
    async run(bench) {
      const one = bench.consumer();
      await bench.harness.foreignTransaction((tx) =>
        checkRefused(
          () => one.accept(tx, messageAt(1)),
          ["FOREIGN_TRANSACTION"],
          "an accept on a transaction of another database",
        )
      );
      checkEqual(await one.commit(messageAt(1)), [true], "nothing is recorded");
    },
  },
  {
    name: "accept: before migrate() it is refused, and afterwards it works",
    unmigrated: true,
    async run(bench) {
      const one = bench.consumer();
      await checkRefused(
        () => one.commit(messageAt(1)),
        ["STORAGE_NOT_MIGRATED"],
        "an accept without tables",
      );
      await bench.harness.storage.migrate();
      checkEqual(await one.commit(messageAt(1)), [true], "after migrate()");
    },
  },
];

/** The whole of a consumer: accept, work, commit. */
async function workOnce(
  bench: InboxBench,
  message: InboxMessage,
): Promise<void> {
  await bench.harness.transaction(async (tx) => {
    if (!(await bench.consumer().accept(tx, message))) return;
    await bench.harness.writeRow(tx, message.id);
  });
}
