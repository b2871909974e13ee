/**
 * Continuity: what an inbox tells of the order of a key.
 *
 * @module
 */

import type { InboxEvent, InboxMessage } from "../../../mod.ts";
import { checkEqual } from "./checks.ts";
import { type InboxCase, messageAt, messagesAt } from "./inbox_bench.ts";

/** Gaps, reordering, and what is remembered for it. */
export const continuityCases: readonly InboxCase[] = [
  {
    name: "continuity: messages that follow each other are not reported",
    async run(bench) {
      const one = bench.consumer();
      await one.commit(...messagesAt(1, 4));
      const anew = bench.consumer({ consumer: "late" });
      await anew.commit(messageAt(7), messageAt(8));
      checkEqual([one.events, anew.events], [[], []], "there is no gap");
    },
  },
  {
    name: "continuity: a gap is told with what is missing, and then no more",
    async run(bench) {
      const one = bench.consumer();
      await one.commit(messageAt(1), messageAt(4), messageAt(5));
      const gap: InboxEvent = {
        type: "inbox.gap",
        message: refOf(messageAt(4)),
        expected: 2,
        found: 4,
        missing: 2,
      };
      checkEqual(one.events, [gap], "the gap is told once");
    },
  },
  {
    name: "continuity: what comes late is accepted, told, and moves nothing",
    async run(bench) {
      const one = bench.consumer();
      const found = await one.commit(
        ...[messageAt(1), messageAt(3), messageAt(2), messageAt(4)],
      );
      checkEqual(found, [true, true, true, true], "each is accepted");
      checkEqual(
        one.events.map(({ type }) => type),
        ["inbox.gap", "inbox.reordered"],
        "the gap, and what filled it",
      );
      const [, late] = one.events;
      checkEqual(late, {
        type: "inbox.reordered",
        message: refOf(messageAt(2)),
        by: "position",
        last: 3,
        found: 2,
      }, "what came late");
    },
  },
  {
    name: "continuity: without positions the sequence tells what comes late",
    async run(bench) {
      const one = bench.consumer();
      const plain = (seq: number) =>
        messageAt(1, { id: `${seq}`, seq, position: null });
      await one.commit(plain(10), plain(70), plain(40), plain(80));
      const late: InboxEvent = {
        type: "inbox.reordered",
        message: refOf(plain(40)),
        by: "seq",
        last: 70,
        found: 40,
      };
      checkEqual(one.events, [late], "only what comes late is told");
    },
  },
  {
    name: "continuity: a key that is counted anew begins anew",
    async run(bench) {
      const one = bench.consumer();
      await one.commit(...messagesAt(1, 3));
      const anew = (position: number) =>
        messageAt(position, { id: `anew-${position}`, seq: 100 + position });
      await one.commit(anew(1), anew(2), anew(3));
      checkEqual(one.events, [], "position 1 is a beginning");
    },
  },
  {
    name: "continuity: each consumer, source and key goes its own way",
    async run(bench) {
      const one = bench.consumer();
      const other = bench.consumer({ consumer: "other" });
      await one.commit(
        messageAt(5),
        messageAt(1, { id: "a", source: "/other" }),
        messageAt(3, { id: "b", key: "other" }),
        messageAt(9, { id: "c", key: null }),
        messageAt(6),
      );
      await other.commit(messageAt(2));
      checkEqual([one.events, other.events], [[], []], "none disturbs another");
    },
  },
  {
    name: "continuity: another process goes on where this one was",
    async run(bench) {
      await bench.consumer().commit(messageAt(1));
      await bench.restart();
      const heir = bench.consumer();
      await heir.commit(messageAt(3));
      checkEqual(
        heir.events.map((event) => event.type === "inbox.gap" && event.missing),
        [1],
        "the gap is seen",
      );
    },
  },
  {
    name: "continuity: what rolled back never came",
    async run(bench) {
      const one = bench.consumer();
      await one.commit(messageAt(1));
      await one.unknown([messageAt(2), messageAt(9)]);
      one.events.length = 0;
      await one.commit(messageAt(3));
      checkEqual(
        one.events.map((event) => event.type === "inbox.gap" && event.expected),
        [2],
        "the last that was committed counts",
      );
    },
  },
  {
    name: "continuity: the keys that are kept are bounded, the oldest go first",
    async run(bench) {
      const one = bench.consumer({ keepLanes: 10 });
      const of = (key: number, position: number) =>
        messageAt(position, { id: `${key}-${position}`, key: `key ${key}` });
      const keys = Array.from({ length: 30 }, (_, at) => at + 1);
      await one.commitTogether(keys.map((key) => of(key, 1)));
      checkEqual(one.events, [], "a new key is no gap");
      await one.unknown(keys.map((key) => of(key, 3)));
      const known = one.events.map(({ message }) => message.key);
      const newest = keys.slice(-10).map((key) => `key ${key}`);
      checkEqual(known, newest, "the gaps of the ten newest keys are seen");
    },
  },
  {
    name: "continuity: the keys of one consumer push out none of another's",
    async run(bench) {
      const other = bench.consumer({ consumer: "other" });
      await other.commit(messageAt(1));
      const one = bench.consumer({ keepLanes: 1 });
      await one.commitTogether(
        [1, 2, 3].map((at) => messageAt(at, { key: `${at}` })),
      );
      await other.commit(messageAt(3));
      checkEqual(
        other.events.map(({ type }) => type),
        ["inbox.gap"],
        "the other's key is remembered",
      );
    },
  },
];

function refOf({ source, id, key = null }: InboxMessage) {
  return { consumer: "consumer", source, id, key };
}
