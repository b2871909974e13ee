import { describe, expect, it } from "vitest";
import { SilentEnds } from "../../src/logic/silent_ends.ts";

describe("silent ends", () => {
  it("are the network's once all that were under way have come through", () => {
    const ends = new SilentEnds();
    ends.add([1, 2]);
    expect(ends.cameThrough(1)).toBe(false);
    expect(ends.has(1)).toBe(false);
    expect(ends.has(2)).toBe(true);
    expect(ends.cameThrough(2)).toBe(true);
    expect(ends.cameThrough(2)).toBe(false);
  });

  it("prove nothing at the moment when the last of them is refused", () => {
    const ends = new SilentEnds();
    ends.add([1, 2]);
    ends.cameThrough(1);
    ends.refused(2);
    expect(ends.cameThrough(2)).toBe(false);
  });

  it("prove nothing either where the cause is known", () => {
    const ends = new SilentEnds();
    ends.add([1, 2]);
    ends.explain(1);
    expect(ends.has(1)).toBe(false);
    expect(ends.cameThrough(2)).toBe(false);
  });

  it("that one message was alone at count once", () => {
    const ends = new SilentEnds();
    for (let n = 0; n < 3; n++) ends.add([1]);
    expect(ends.cameThrough(1)).toBe(true);
    expect(ends.has(1)).toBe(false);
  });

  it("are remembered up to a bound, the newest first", () => {
    const ends = new SilentEnds();
    ends.add([33]);
    ends.add(Array.from({ length: 70_000 }, (_, at) => 100 + at));
    expect(ends.has(33)).toBe(false);
    expect(ends.has(100)).toBe(false);
    expect(ends.has(70_099)).toBe(true);
  });
});
