/**
 * Retention: for how long an inbox recognises what it accepted.
 *
 * @module
 */

import { check, checkEqual } from "./checks.ts";
import { type InboxCase, messageAt, messagesAt } from "./inbox_bench.ts";

const DAY_MS = 24 * 3_600_000;
/** The records that are removed late, at most. */
const SLACK = 32;

/** What is forgotten, and what is not. */
export const retentionCases: readonly InboxCase[] = [
  {
    name: "retention: the newest are recognised, and the oldest are not",
    async run(bench) {
      const one = bench.consumer({ keepRows: 50 });
      await one.commitTogether(messagesAt(1, 300));
      checkEqual(
        await one.unknown(messagesAt(251, 300)),
        [],
        "as many as shall be kept are recognised",
      );
      const old = messagesAt(1, 250 - SLACK);
      checkEqual(await one.unknown(old), old, "the others are not");
    },
  },
  {
    name: "retention: what is younger than its time is recognised",
    async run(bench) {
      const one = bench.consumer({ keepMs: DAY_MS, keepMinRows: 1 });
      await one.commitTogether(messagesAt(1, 100));
      bench.nowMs += DAY_MS;
      await one.commitTogether(messagesAt(101, 200));
      checkEqual(
        await one.unknown(messagesAt(1, 200)),
        [],
        "all are recognised",
      );
    },
  },
  {
    name: "retention: what is older than its time goes, but for the newest",
    async run(bench) {
      const one = bench.consumer({ keepMs: DAY_MS, keepMinRows: 150 });
      await one.commitTogether(messagesAt(1, 100));
      bench.nowMs += DAY_MS + 1;
      await one.commitTogether(messagesAt(101, 200));
      const old = messagesAt(1, 50 - SLACK);
      checkEqual(await one.unknown(old), old, "what is old is forgotten");
      checkEqual(
        await one.unknown(messagesAt(51, 200)),
        [],
        "the newest are recognised, old or not",
      );
    },
  },
  {
    name: "retention: a clock that jumps ahead wipes nothing at once",
    async run(bench) {
      const one = bench.consumer({ keepMs: DAY_MS, keepMinRows: 64 });
      await one.commitTogether(messagesAt(1, 500));
      bench.nowMs += 3_650 * DAY_MS;
      await one.commitTogether(messagesAt(501, 532));
      const gone = await one.unknown(messagesAt(1, 500));
      check(gone.length <= 2 * SLACK, "no more than twice as many as came");
      await one.commitTogether(messagesAt(533, 1_500));
      checkEqual(
        await one.unknown(messagesAt(1_437, 1_500)),
        [],
        "the newest are recognised for good",
      );
    },
  },
  {
    name: "retention: a clock that jumps back forgets nothing",
    async run(bench) {
      const one = bench.consumer({ keepMs: DAY_MS, keepMinRows: 1 });
      await one.commitTogether(messagesAt(1, 100));
      bench.nowMs = 0;
      await one.commitTogether(messagesAt(101, 200));
      checkEqual(
        await one.unknown(messagesAt(1, 200)),
        [],
        "all are recognised",
      );
    },
  },
  {
    name: "retention: what is forgotten is accepted as if it were new",
    async run(bench) {
      const one = bench.consumer({ keepRows: 1 });
      await one.commitTogether(messagesAt(1, 64));
      checkEqual(
        await one.commit(messageAt(1), messageAt(1)),
        [true, false],
        "it is accepted again, once",
      );
      checkEqual(
        one.events.map(({ type }) => type),
        ["inbox.reordered", "inbox.duplicate"],
        "its key remembers that others came after it",
      );
    },
  },
  {
    name: "retention: one consumer's records push out none of another's",
    async run(bench) {
      const other = bench.consumer({ consumer: "other" });
      await other.commitTogether(messagesAt(1, 40));
      const one = bench.consumer({ keepRows: 1, keepMs: 1 });
      bench.nowMs += DAY_MS;
      await one.commitTogether(messagesAt(1, 128));
      checkEqual(
        await other.unknown(messagesAt(1, 40)),
        [],
        "all are recognised",
      );
    },
  },
  {
    name: "retention: a surplus melts away while messages come",
    async run(bench) {
      await bench.consumer().commitTogether(messagesAt(1, 320));
      const frugal = bench.consumer({ keepRows: 10 });
      await frugal.commitTogether(messagesAt(321, 960));
      const old = messagesAt(1, 900);
      checkEqual(await frugal.unknown(old), old, "the surplus is gone");
    },
  },
];
