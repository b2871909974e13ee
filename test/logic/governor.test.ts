import fc from "fast-check";
import { expect, test } from "vitest";
import { Governor } from "../../src/logic/governor.ts";

const WINDOW = 32;

test("halves once for each window that was too much, and never below one", () => {
  const governor = new Governor();
  const windows = [governor.windowOf(WINDOW)];
  for (let round = 0; round < 8; round++) {
    // All that was under way is refused at once.
    const used = governor.windowOf(WINDOW);
    for (let n = 0; n < used; n++) governor.cut(WINDOW);
    windows.push(governor.windowOf(WINDOW));
  }
  expect(windows[1]).toBe(16);
  expect(
    windows.every((window, at) =>
      window >= 1 && window <= WINDOW / 2 ** Math.min(at, 1)
    ),
  )
    .toBe(true);
  expect(windows.at(-1)).toBe(1);
});

test("halves for each connection that ends for too much before it answered", () => {
  const governor = new Governor();
  const windows: number[] = [];
  for (let round = 0; round < 6; round++) {
    governor.opened();
    governor.cut(WINDOW);
    windows.push(governor.windowOf(WINDOW));
  }
  expect(windows).toEqual([16, 8, 4, 2, 1, 1]);
});

test("grows by one for each window delivered, up to the connection's own", () => {
  const governor = new Governor();
  governor.cut(WINDOW);
  for (let used = 16; used < WINDOW; used++) {
    expect(governor.windowOf(WINDOW)).toBe(used);
    for (let n = 0; n < used; n++) governor.delivered(WINDOW);
  }
  expect(governor.windowOf(WINDOW)).toBe(WINDOW);
  expect(governor.windowOf(1_000)).toBe(1_000);
});

test("stays between one and the window, and recovers from anything", () => {
  fc.assert(fc.property(
    fc.array(fc.boolean(), { maxLength: 500 }),
    fc.integer({ min: 1, max: 100 }),
    (answers, window) => {
      const governor = new Governor();
      for (const isTaken of answers) {
        const before = governor.windowOf(window);
        if (isTaken) governor.delivered(window);
        else governor.cut(window);
        const after = governor.windowOf(window);
        expect(after).toBeGreaterThanOrEqual(1);
        expect(after).toBeLessThanOrEqual(window);
        if (isTaken) expect(after).toBeGreaterThanOrEqual(before);
        else expect(after).toBeLessThanOrEqual(before);
      }
      for (let n = 0; n < window * window; n++) governor.delivered(window);
      expect(governor.windowOf(window)).toBe(window);
    },
  ));
});
