import { expect, test } from "vitest";
import { calmPassages, latencyOf } from "../../examples/gateway/latency.ts";

const passage = (committedAtMs: number, receivedAtMs: number) => ({
  committedAtMs,
  receivedAtMs,
});

test("the median and the 99th percentile are values that occurred", () => {
  const passages = Array.from({ length: 100 }, (_, at) => passage(0, at + 1));
  expect(latencyOf(passages)).toEqual({ p50Ms: 50, p99Ms: 99 });
  expect(latencyOf([passage(10, 17)])).toEqual({ p50Ms: 7, p99Ms: 7 });
});

test("without passages there is no latency", () => {
  expect(latencyOf([])).toEqual({ p50Ms: null, p99Ms: null });
});

test("a disturbance lasts until something committed after the repair has arrived", () => {
  const before = passage(10, 12);
  const caught = passage(99, 301);
  const broken = passage(150, 302);
  const waited = passage(201, 303);
  const after = passage(304, 306);
  const passages = [before, caught, broken, waited, after];
  const disturbance = { brokenAtMs: 100, mendedAtMs: 200 };
  expect(calmPassages(passages, [disturbance])).toEqual([before, after]);
});

test("a disturbance that nothing came after never ended", () => {
  const disturbance = { brokenAtMs: 100, mendedAtMs: 200 };
  const passages = [passage(10, 12), passage(150, 250)];
  expect(calmPassages(passages, [disturbance])).toEqual([passage(10, 12)]);
});
