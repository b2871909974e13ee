import { expect, test } from "vitest";
import { readOptions } from "../../examples/gateway/options.ts";
import { UsageError } from "../../examples/stage/command_line.ts";

test("everything has a default", () => {
  expect(readOptions([], {})).toEqual({
    seconds: 20,
    json: false,
    help: false,
    databasePath: undefined,
    mqttUrl: undefined,
  });
});

test("every option is read, and an empty MQTT_URL is none", () => {
  const args = ["--seconds", "60", "--json", "--db=new.db"];
  expect(readOptions(args, { MQTT_URL: "mqtts://broker.example" }))
    .toMatchObject({
      seconds: 60,
      json: true,
      databasePath: "new.db",
      mqttUrl: "mqtts://broker.example",
    });
  expect(readOptions(["-h"], { MQTT_URL: "" }))
    .toMatchObject({ help: true, mqttUrl: undefined });
});

test.each([
  [["--seconds", "4"], "--seconds must be at least 5"],
  [["--seconds", "3601"], "--seconds must be at most 3600"],
  [["--seconds", "1e2"], "--seconds must be a whole number"],
  [["--seconds="], "--seconds must be a whole number"],
  [["--seconds"], "--seconds"],
  [["--fast"], "--fast"],
  [["fast"], "fast"],
  [["--db", "package.json"], "does not exist yet"],
  [["--db", "no/such/place.db"], "in a directory that exists"],
])("%j is refused", (args, message) => {
  expect(() => readOptions(args, {})).toThrow(UsageError);
  expect(() => readOptions(args, {})).toThrow(message);
});

test.each(["mqtt://", "http://broker.example", "broker:secret@example", "x"])(
  "a broker at %s is refused without being named",
  (url) => {
    const read = () => readOptions([], { MQTT_URL: url });
    expect(read).toThrow("MQTT_URL must look like mqtt://host:1883");
    expect(read).not.toThrow(/secret/);
  },
);
