import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deliveries, type Strand } from "../../src/logic/deliveries.ts";

type Item = { readonly key: string | null; readonly n: number };
type Step = "add" | "take" | "handled" | "failed" | "tick";

const steps = fc.array(
  fc.record({
    step: fc.constantFrom<Step>("add", "take", "handled", "failed", "tick"),
    key: fc.constantFrom("a", "b", "c", null),
    pick: fc.nat(),
  }),
  { maxLength: 200 },
);

describe("deliveries", () => {
  it("hands out each key in order of arrival, one at a time, and nothing twice", () => {
    fc.assert(fc.property(steps, (script) => {
      const deliveries = new Deliveries<Item>();
      const underway: Strand<Item>[] = [];
      const handled: Item[] = [];
      let [count, nowMs] = [0, 0];
      for (const { step, key, pick } of script) {
        if (step === "add") deliveries.add(key, { key, n: count++ });
        if (step === "tick") nowMs += 10;
        if (step === "take") {
          const strand = deliveries.take(nowMs);
          if (strand !== null) underway.push(strand);
        }
        const strand = underway[pick % (underway.length || 1)];
        if (strand === undefined) continue;
        if (step === "handled") {
          handled.push(strand.items[0]!);
          deliveries.handled(strand);
        } else if (step === "failed") deliveries.failed(strand, nowMs + 15);
        else continue;
        underway.splice(underway.indexOf(strand), 1);
      }
      const keys = underway.map(({ key }) => key).filter((key) => key !== null);
      expect(new Set(keys).size).toBe(keys.length);
      for (const key of ["a", "b", "c"]) {
        const order = handled.filter((item) => item.key === key)
          .map(({ n }) => n);
        expect(order).toEqual(order.toSorted((x, y) => x - y));
      }
      expect(new Set(handled.map(({ n }) => n)).size).toBe(handled.length);
      expect(deliveries.size).toBe(count - handled.length);
      expect(deliveries.underway).toBe(underway.length);
    }));
  });

  it("hands out everything in the end", () => {
    fc.assert(fc.property(
      fc.array(fc.constantFrom("a", "b", null), { maxLength: 50 }),
      fc.func(fc.boolean()),
      (keys, fails) => {
        const deliveries = new Deliveries<number>();
        keys.forEach((key, at) => deliveries.add(key, at));
        const failed = new Set<number>();
        let done = 0;
        for (let nowMs = 0; done < keys.length; nowMs += 1) {
          const strand = deliveries.take(nowMs);
          if (strand === null) continue;
          const item = strand.items[0]!;
          if (fails(item) && !failed.has(item)) {
            failed.add(item);
            deliveries.failed(strand, nowMs + 3);
          } else {
            deliveries.handled(strand);
            done += 1;
          }
          expect(nowMs).toBeLessThan(10 * keys.length + 10);
        }
        expect(deliveries.size).toBe(0);
        expect(deliveries.waiting).toBe(0);
        expect(deliveries.nextDueMs).toBe(Infinity);
      },
    ));
  });

  it("delays only the key that failed", () => {
    const deliveries = new Deliveries<string>();
    deliveries.add("a", "a1");
    deliveries.add("a", "a2");
    deliveries.add("b", "b1");
    deliveries.failed(deliveries.take(0)!, 100);
    expect(deliveries.nextDueMs).toBe(100);
    expect(deliveries.take(0)?.items[0]).toBe("b1");
    expect(deliveries.take(99)).toBeNull();
    expect(deliveries.take(100)?.items[0]).toBe("a1");
  });

  it("keeps what is under way when it drops the rest", () => {
    const deliveries = new Deliveries<string>();
    for (const item of ["a1", "a2"]) deliveries.add("a", item);
    deliveries.add("b", "b1");
    deliveries.add(null, "x");
    const strand = deliveries.take(0)!;
    deliveries.failed(deliveries.take(0)!, 50);
    deliveries.drop();
    expect(deliveries.size).toBe(1);
    expect(deliveries.nextDueMs).toBe(Infinity);
    deliveries.add("a", "a1 again");
    expect(deliveries.take(0)).toBeNull();
    deliveries.handled(strand);
    expect(deliveries.take(0)?.items[0]).toBe("a1 again");
  });
});
