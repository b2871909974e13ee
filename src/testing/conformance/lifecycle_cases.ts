/**
 * Lifecycle: migrating, opening and closing.
 *
 * @module
 */

import { check, checkEqual, checkRefused } from "./checks.ts";
import { idsOf, readAll, type StorageCase } from "./storage_bench.ts";

/** How a storage begins and ends. */
export const lifecycleCases: readonly StorageCase[] = [
  {
    name: "open: before migrate() it is refused, and afterwards it works",
    unmigrated: true,
    async run(bench) {
      await checkRefused(
        () => bench.open(),
        ["STORAGE_NOT_MIGRATED"],
        "opening before migrate()",
      );
      await bench.storage.migrate();
      checkEqual(await readAll(await bench.open()), [], "it opens");
    },
  },
  {
    name: "open: an enqueue before migrate() is refused, and then works",
    interactive: true,
    unmigrated: true,
    async run(bench) {
      await checkRefused(
        () => bench.commit(...bench.messages("a")),
        ["STORAGE_NOT_MIGRATED"],
        "an enqueue before migrate()",
      );
      await bench.storage.migrate();
      await bench.commit(...bench.messages("b"));
      const found = idsOf(await readAll(await bench.open()));
      checkEqual(found, ["b"], "the later message alone");
    },
  },
  {
    name: "migrate: twice is like once",
    async run(bench) {
      await bench.commit(...bench.messages("a"));
      const { identity } = await bench.open();
      for (let round = 0; round < 2; round++) {
        await bench.storage.migrate();
        const store = await bench.open();
        checkEqual(store.identity, identity, "the outbox is the same");
        checkEqual(idsOf(await readAll(store)), ["a"], "the messages stay");
      }
    },
  },
  {
    name: "migrate: several at once all succeed",
    unmigrated: true,
    async run(bench) {
      await Promise.all(
        Array.from({ length: 5 }, () => bench.storage.migrate()),
      );
      const [one, other] = [await bench.open(), await bench.open()];
      checkEqual(one.identity, other.identity, "there is one outbox");
    },
  },
  {
    name: "restart: committed messages and the outbox's identity survive",
    async run(bench) {
      await bench.commit(...bench.messages("a", "b"));
      const before = await bench.open();
      const messages = await readAll(before);
      await bench.restart();
      const after = await bench.open();
      checkEqual(after.identity, before.identity, "the identity");
      checkEqual(await readAll(after), messages, "the messages");
    },
  },
  {
    name: "store: it says what a commit survives",
    async run(bench) {
      const { durability, identity } = await bench.open();
      const levels = ["power-loss", "process-crash", "none"];
      check(levels.includes(durability.level), "the level is a known one");
      check(durability.detail !== "", "there are details for people");
      check(identity !== "", "there is an identity");
    },
  },
  {
    name: "close: it is idempotent, and other stores go on",
    async run(bench) {
      await bench.commit(...bench.messages("a"));
      const [one, other] = [await bench.open(), await bench.open()];
      await Promise.all([one.close(), one.close()]);
      await one.close();
      checkEqual(idsOf(await readAll(other)), ["a"], "another one reads");
      await bench.commit(...bench.messages("b"));
      const found = idsOf(await readAll(other));
      checkEqual(found, ["a", "b"], "the user goes on");
    },
  },
  {
    name: "close: a call under way comes to an end",
    async run(bench) {
      await bench.commit(...bench.messages("a"));
      const store = await bench.open();
      const ended = readAll(store).then(() => true, () => true);
      await store.close();
      checkEqual(await ended, true, "the call has an outcome");
    },
  },
];
