import fc from "fast-check";
import { expect, test } from "vitest";
import type { Lane } from "../../src/logic/lane.ts";
import { Lanes } from "../../src/logic/lanes.ts";
import type { Message } from "@mailboat/outbox";
import { draft } from "../support/relay_rig.ts";

test("messages of a key are handed out one at a time, in order", () => {
  const lanes = new Lanes({ depth: 10 });
  lanes.admit([message(1, "a"), message(2, "a"), message(3, "b")]);
  const first = take(lanes);
  expect(first.message.seq).toBe(1);
  expect(take(lanes).message.seq).toBe(3);
  expect(lanes.take()).toBeNull();
  lanes.goOn(first.lane, 1);
  expect(take(lanes).message.seq).toBe(2);
});

test("a message that was not taken goes again before its successors", () => {
  const lanes = new Lanes({ depth: 10 });
  lanes.admit([message(1, "a"), message(2, "a")]);
  const { lane } = take(lanes);
  lanes.putBack(lane, 1);
  expect(take(lanes).message.seq).toBe(1);
});

test("a lane that is full leaves the rest in the store and asks for it when it is empty", () => {
  const lanes = new Lanes({ depth: 2 });
  lanes.admit([1, 2, 3, 4].map((seq) => message(seq, "a")));
  expect(lanes.queued).toBe(2);
  expect(lanes.laggingKeys()).toEqual(["a"]);
  expect(lanes.nextBehind()).toBeNull();
  for (const seq of [1, 2]) {
    const { lane, message } = take(lanes);
    expect(message.seq).toBe(seq);
    lanes.goOn(lane, seq);
  }
  const behind = lanes.nextBehind() as Lane;
  expect(behind.unreadFrom).toBe(3);
  lanes.admitLane(behind, [message(3, "a"), message(4, "a")], null);
  expect(lanes.laggingKeys()).toEqual([]);
  expect(take(lanes).message.seq).toBe(3);
});

test("a waiting lane hands out nothing before its time, then starts from its head", () => {
  const lanes = new Lanes({ depth: 5 });
  lanes.admit([message(1, "a"), message(2, "a"), message(3, "b")]);
  const { lane } = take(lanes);
  lanes.waitUntil(lane, 1, 100);
  expect(take(lanes).message.key).toBe("b");
  expect(lanes.nextDueMs).toBe(100);
  lanes.wakeDue(99);
  expect(lanes.nextBehind()).toBeNull();
  lanes.wakeDue(100);
  expect(lanes.nextBehind()?.unreadFrom).toBe(1);
  expect(lanes.nextDueMs).toBe(Infinity);
});

test("a held lane ignores time and new messages until it is restarted", () => {
  const lanes = new Lanes({ depth: 5 });
  lanes.admit([message(1, "a")]);
  lanes.hold(take(lanes).lane, 1);
  // Another lane waits for a time, so that the time is looked at.
  lanes.admit([message(3, "b")]);
  lanes.waitUntil(take(lanes).lane, 3, 1e12 + 1);
  lanes.wakeDue(1e12);
  lanes.wakeDue(1e12 + 1);
  lanes.admitLane(lanes.nextBehind() as Lane, [], null);
  lanes.admit([message(2, "a")]);
  expect([lanes.hasReady, lanes.nextBehind(), lanes.queued]).toEqual([
    false,
    null,
    0,
  ]);
  lanes.restart("a", 1);
  expect(lanes.nextBehind()?.unreadFrom).toBe(1);
});

test("a restart while a message is under way waits for its outcome", () => {
  const lanes = new Lanes({ depth: 5 });
  lanes.admit([message(5, "a"), message(6, "a")]);
  const { lane } = take(lanes);
  lanes.restart("a", 2);
  expect(lanes.nextBehind()).toBeNull();
  lanes.putBack(lane, 5);
  expect(lanes.nextBehind()?.unreadFrom).toBe(2);
  expect(lanes.hasReady).toBe(false);
});

test("a hold that is found ahead waits for what is under way", () => {
  const lanes = new Lanes({ depth: 5, window: 3 });
  lanes.admit([message(5, "a"), message(6, "a")]);
  const { lane } = take(lanes);
  take(lanes);
  lanes.readApart(lane, 7);
  lanes.hold(lane, 7);
  expect([lanes.blockedCount, lanes.nextBehind()]).toEqual([0, null]);
  // It fails, and must go again although the lane will be held.
  lanes.putBack(lane, 5);
  expect(take(lanes).message.seq).toBe(5);
});

test("what is under way goes again up to where the lane's own read begins", () => {
  const lanes = new Lanes({ depth: 5, window: 3 });
  lanes.admit([message(5, "a"), message(7, "a"), message(8, "a")]);
  const { lane } = take(lanes);
  take(lanes);
  lanes.restart("a", 6);
  lanes.putBack(lane, 5);
  expect(take(lanes).message.seq).toBe(5);
  lanes.goOn(lane, 5);
  expect(lanes.nextBehind()?.unreadFrom).toBe(6);
  expect(lanes.queued).toBe(0);
});

test("several lanes take turns", () => {
  const lanes = new Lanes({ depth: 5, window: 2 });
  const seqs = [1, 2, 3, 4, 5, 6];
  lanes.admit(seqs.map((seq) => message(seq, seq < 4 ? "a" : "b")));
  expect([1, 2, 3, 4].map(() => take(lanes).message.seq))
    .toEqual([1, 4, 2, 5]);
  expect(lanes.take()).toBeNull();
});

test("nothing passes a damaged message", () => {
  const lanes = new Lanes({ depth: 5, window: 4 });
  const damaged = { ...message(2, "a"), damage: "no UTF-8" };
  lanes.admit([message(1, "a"), damaged, message(3, "a")]);
  expect([take(lanes).message.seq, take(lanes).message.seq]).toEqual([1, 2]);
  expect(lanes.take()).toBeNull();
});

test("a table with nothing to do remembers nothing", () => {
  const lanes = new Lanes({ depth: 5 });
  lanes.admit([message(1, "a"), message(2, null)]);
  for (const seq of [1, 2]) lanes.goOn(take(lanes).lane, seq);
  expect([lanes.queued, lanes.queuedBytes, lanes.blockedCount]).toEqual([
    0,
    0,
    0,
  ]);
  expect(lanes.lane("a", 9).queue).toEqual([]);
});

/** A relay in miniature: a list for the store, a fixed script of fates. */
test("whatever fails, waits or overflows, each key is delivered in order and completely", () => {
  const fates = fc.constantFrom("ok", "ok", "ok", "again", "wait", "hold");
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "c", null), { maxLength: 60 }),
      fc.array(fates, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      (keys, script, depth, batch, window) => {
        const stored = new Map(
          keys.map((key, at) => [at + 1, message(at + 1, key)]),
        );
        const lanes = new Lanes({ depth, window });
        const delivered: Message[] = [];
        const fateOf = new Map<number, string | undefined>();
        const underway: { lane: Lane; message: Message }[] = [];
        let cursor = 0;
        let step = 0;
        for (let now = 0; stored.size > 0 && now < 5_000; now++) {
          lanes.wakeDue(now);
          const behind = lanes.nextBehind();
          if (behind !== null) {
            const from = behind.unreadFrom as number;
            const upTo = behind.key === null ? from : Math.max(cursor, from);
            const rows = [...stored.values()].filter(({ seq, key }) =>
              key === behind.key && seq >= from && seq <= upTo
            );
            lanes.admitLane(
              behind,
              rows.slice(0, batch),
              rows[batch]?.seq ?? null,
            );
          } else {
            const skip = new Set(lanes.laggingKeys());
            const rows = [...stored.values()].filter(({ seq, key }) =>
              seq > cursor && (key === null || !skip.has(key))
            );
            const page = rows.slice(0, batch);
            lanes.admit(page);
            cursor = rows.length > batch
              ? (page.at(-1)?.seq ?? cursor)
              : keys.length;
          }
          for (let taken = lanes.take(); taken !== null; taken = lanes.take()) {
            const { key, seq } = taken.message;
            const others = underway.filter(({ message }) =>
              key !== null && message.key === key
            );
            expect(others.length).toBeLessThan(window);
            expect(others.every(({ message }) => message.seq < seq)).toBe(true);
            underway.push(taken);
          }
          // They land in an order of their own.
          const [landed] = underway.splice(now * 7 % (underway.length || 1), 1);
          if (landed === undefined) continue;
          const { lane, message: { seq, key } } = landed;
          const fate = step < script.length ? script[step++] : "ok";
          const kind = fate === "ok" ? "delivered" : "unknown";
          if (fate !== "ok") fateOf.set(seq, fate);
          const { due } = lanes.land(lane, seq, { kind });
          for (const { message, outcome } of due) {
            const fate = fateOf.get(message.seq);
            if (outcome.kind === "delivered") {
              delivered.push(message);
              stored.delete(message.seq);
              lanes.goOn(lane, message.seq);
            } else if (fate === "again") lanes.putBack(lane, message.seq);
            else if (fate === "wait") {
              lanes.waitUntil(lane, message.seq, now + 3);
            } else {
              lanes.hold(lane, message.seq);
              lanes.restart(key, message.seq);
            }
          }
        }
        expect(lanes.withheld).toBe(0);
        expect(stored.size).toBe(0);
        for (const key of ["a", "b", "c"]) {
          const seqs = delivered.filter((one) => one.key === key).map((
            { seq },
          ) => seq);
          expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
          expect(seqs).toHaveLength(keys.filter((one) => one === key).length);
        }
        expect(lanes.queued).toBe(0);
        expect(lanes.queuedBytes).toBe(0);
      },
    ),
    { numRuns: 500 },
  );
});

function take(lanes: Lanes): { lane: Lane; message: Message } {
  const taken = lanes.take();
  if (taken === null) throw new Error("Nothing may go");
  return taken;
}

function message(seq: number, key: string | null): Message {
  const { chosenId: _, counted: _counted, ...rest } = draft(key, seq);
  return { ...rest, seq, position: null };
}
