import { expect, test } from "vitest";
import { SlowTries } from "../../src/logic/slow_tries.ts";

test("each try that takes long is told once, and no other", () => {
  const tries = new SlowTries<string>(100);
  expect(tries.nextDueMs).toBe(Infinity);
  tries.begun("a", 0);
  tries.begun("b", 50);
  tries.begun("c", 60);
  expect(tries.nextDueMs).toBe(100);
  expect(tries.take(99)).toEqual([]);
  expect(tries.take(150)).toEqual(["a", "b"]);
  expect(tries.nextDueMs).toBe(160);
  tries.ended("a");
  tries.ended("c");
  expect(tries.take(1_000)).toEqual([]);
  expect(tries.nextDueMs).toBe(Infinity);
});

test("a try that begins anew is watched anew", () => {
  const tries = new SlowTries<string>(100);
  tries.begun("a", 0);
  expect(tries.take(100)).toEqual(["a"]);
  tries.ended("a");
  tries.begun("a", 200);
  expect(tries.take(299)).toEqual([]);
  expect(tries.take(300)).toEqual(["a"]);
});
