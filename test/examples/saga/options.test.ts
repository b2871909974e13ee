import { expect, test } from "vitest";
import { readOptions } from "../../../examples/saga/options.ts";
import { UsageError } from "../../../examples/stage/command_line.ts";

const newSeed = () => 7;

test("everything has a default", () => {
  expect(readOptions([], newSeed)).toEqual({
    orders: 500,
    seed: 7,
    json: false,
    help: false,
    mqttUrl: undefined,
  });
});

test("every option is read", () => {
  const url = "mqtt://broker.example:1884";
  const args = ["--orders=1", "--seed", "0", "--mqtt-url", url, "--json", "-h"];
  expect(readOptions(args, newSeed)).toEqual({
    orders: 1,
    seed: 0,
    json: true,
    help: true,
    mqttUrl: url,
  });
});

test.each([
  [["--orders", "0"], "--orders must be at least 1"],
  [["--orders", "100001"], "--orders must be at most 100000"],
  [["--orders", "many"], "--orders must be a whole number"],
  [["--orders"], "--orders"],
  [["--seed", "1.5"], "--seed must be a whole number"],
  [["--mqtt-url", "http://u:secret@x"], "--mqtt-url must look like mqtt://"],
  [["--fast"], "--fast"],
  [["fast"], "fast"],
])("%j is refused", (args, message) => {
  const read = () => readOptions(args, newSeed);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
  expect(read).not.toThrow(/secret/);
});
