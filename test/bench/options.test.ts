/**
 * What a bench run makes of its command line, and of a machine without a
 * broker.
 */

import { expect, test } from "vitest";
import { brokerNeeded, readOptions, usageOf } from "../../bench/options.ts";
import { scenarios } from "../../bench/scenarios.ts";

const named = (...names: string[]) => ({
  scenarios: scenarios.filter(({ name }) => names.includes(name)),
});

const long = ["large-backlog", "soak"];

test("without names every scenario is meant but the long ones", () => {
  expect(readOptions([], scenarios)).toEqual({
    scenarios: scenarios.filter(({ name }) => !long.includes(name)),
    quick: false,
    json: false,
    keep: false,
    minutes: 30,
    help: false,
  });
});

test("names choose, and run in the order of the list", () => {
  const options = readOptions(["drain", "enqueue", "--quick"], scenarios);
  expect(options.scenarios.map(({ name }) => name))
    .toEqual(["enqueue", "drain"]);
  expect(options.quick).toBe(true);
});

test("a name that there is not is refused with all that there are", () => {
  const names = scenarios.map(({ name }) => name).join(", ");
  expect(() => readOptions(["enqueue", "drian"], scenarios)).toThrow(
    `Cannot run "drian" as the scenarios are ${names}`,
  );
});

test("an option that there is not is refused", () => {
  expect(() => readOptions(["--fast"], scenarios)).toThrow("--fast");
});

test("a soak runs by its name, as long as is said", () => {
  expect(readOptions(["soak", "--minutes", "0.5"], scenarios)).toMatchObject({
    ...named("soak"),
    minutes: 0.5,
  });
});

test.each(["0", "-1", "long", "Infinity", "10081"])(
  "minutes that cannot be are refused: %s",
  (minutes) => {
    expect(() => readOptions(["soak", `--minutes=${minutes}`], scenarios))
      .toThrow(
        `Cannot run for "${minutes}" minutes as --minutes is a number above 0, up to 10080`,
      );
  },
);

test("a broker is started only for those that publish", () => {
  const machine = { mosquitto: "/usr/sbin/mosquitto", all: scenarios };
  expect(brokerNeeded(named("enqueue"), machine)).toBe(false);
  expect(brokerNeeded(named("enqueue", "drain"), machine)).toBe(true);
});

test("without a broker those that publish are refused with those that do not", () => {
  const machine = { mosquitto: undefined, all: scenarios };
  expect(brokerNeeded(named("enqueue"), machine)).toBe(false);
  expect(() => brokerNeeded(named("enqueue", "drain"), machine)).toThrow(
    /^Cannot run drain as mosquitto must be installed .*: without it there are enqueue, accept\b/,
  );
});

test("the usage lists every scenario once", () => {
  const usage = usageOf(scenarios);
  for (const { name, summary } of scenarios) {
    expect(usage.split(summary)).toHaveLength(2);
    expect(usage).toMatch(new RegExp(`^  ${name} `, "m"));
  }
});
