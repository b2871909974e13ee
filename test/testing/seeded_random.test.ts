import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeededRandom } from "../../src/testing/mod.ts";

describe("seeded dice", () => {
  it("repeat themselves for a seed and differ between neighbours", () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (seed) => {
      const draw = (from: number) => {
        const random = createSeededRandom(from);
        return [random.fraction(), random.integer(0, 1e6), ...random.bytes(9)];
      };
      expect(draw(seed)).toEqual(draw(seed));
      expect(draw(seed)).not.toEqual(draw(seed ^ 1));
    }));
  });

  it("fall as they fell in earlier versions, so that a printed seed stays good", () => {
    const random = createSeededRandom(1);
    const words = [1, 2, 3].map(() => random.fraction() * 2 ** 32);
    expect(words).toEqual([393288148, 2174103013, 3814759091]);
  });

  it("stay within their bounds and reach both of them", () => {
    const random = createSeededRandom(42);
    const drawn = Array.from({ length: 10_000 }, () => random.integer(-2, 3));
    expect([...new Set(drawn)].sort((a, b) => a - b))
      .toEqual([-2, -1, 0, 1, 2, 3]);
    const fractions = drawn.map(() => random.fraction());
    expect(fractions.every((one) => one >= 0 && one < 1)).toBe(true);
  });

  it("fall evenly", () => {
    const random = createSeededRandom(7);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 100_000; draw++) {
      const face = random.integer(0, 9);
      counts[face] = (counts[face] ?? 0) + 1;
    }
    for (const count of counts) {
      expect(count).toBeGreaterThan(9_600);
      expect(count).toBeLessThan(10_400);
    }
    let hits = 0;
    for (let draw = 0; draw < 10_000; draw++) {
      hits += random.chance(0.2) ? 1 : 0;
    }
    expect(hits).toBeGreaterThan(1_800);
    expect(hits).toBeLessThan(2_200);
  });

  it("pick every value, and refuse to pick from nothing", () => {
    const random = createSeededRandom(3);
    const picked = Array.from({ length: 100 }, () => random.pick(["a", "b"]));
    expect(new Set(picked)).toEqual(new Set(["a", "b"]));
    expect(() => random.pick([])).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", field: "values" }),
    );
  });

  it("refuse a seed that could not be printed and given again", () => {
    expect(() => createSeededRandom(0.5)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", field: "seed" }),
    );
  });
});
