import fc from "fast-check";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { WaitingLine } from "../../src/logic/waiting_line.ts";

const members = Array.from({ length: 6 }, (_, at) => ({ at }));
const step = fc.record({
  what: fc.constantFrom("add", "delete", "delete first", "clear"),
  at: fc.nat({ max: members.length - 1 }),
});

test("it is a set, and its first member is the first of the set", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const line = new WaitingLine<{ readonly at: number }>();
    const set = new Set<{ readonly at: number }>();
    for (const { what, at } of steps) {
      const [first] = set;
      const member = (what === "delete first" ? first : undefined) ??
        members[at]!;
      if (what === "clear") {
        line.clear();
        set.clear();
      } else if (what === "add") {
        line.add(member);
        set.add(member);
      } else expect(line.delete(member)).toBe(set.delete(member));
      expect(line.first).toBe([...set][0]);
      expect([...line.values()]).toEqual([...set]);
      expect(line.size).toBe(set.size);
    }
  }));
});

test("who left is not kept in memory by the first, who stays", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const line = new WaitingLine<object>();
  line.add({});
  const gone: WeakRef<object>[] = [];
  for (let at = 0; at < 1_000; at++) {
    const member = {};
    gone.push(new WeakRef(member));
    line.add(member);
    // A few always stand behind the first.
    const left = gone.at(-16)?.deref();
    if (left !== undefined) line.delete(left);
  }
  // A weak reference holds on to what it was asked for until the next task.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(line.size).toBeLessThan(20);
  const kept = gone.filter((one) => one.deref() !== undefined);
  expect(kept.length).toBeLessThan(20);
});
