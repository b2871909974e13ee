import fc from "fast-check";
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
