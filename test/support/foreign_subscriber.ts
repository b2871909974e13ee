/**
 * Programs that are not ours and subscribe to a broker: they print one line of
 * JSON for each message.
 *
 * @module
 */

import { rawCodec } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { eventually } from "./eventually.ts";
import { never } from "./mqtt_rig.ts";
import { sampleMessage } from "./sample_message.ts";

/** A program that listens to everything, and what it printed so far. */
export interface ForeignSubscriber {
  /** Each line that is about a message of the test. */
  readonly lines: readonly string[];
}

/** Where to listen, and in which version of MQTT. */
export interface Listening {
  readonly port: number;
  readonly url: string;
  readonly protocol: 5 | 4;
}

/** Whether tests with Mosquitto's own client are to be left out. */
export const withoutMosquittoClient: boolean =
  statusOf("mosquitto_sub", "--help") === undefined && !process.env["CI"];

/** Debian's own Python, which has its packages, before any other. */
const python = ["/usr/bin/python3", "python3"]
  .find((name) => statusOf(name, "-c", "import paho.mqtt.client") === 0);

/** Whether tests with a client in Python are to be left out. */
export const withoutPython: boolean = python === undefined &&
  !process.env["CI"];

/** Starts `mosquitto_sub`, which prints all it knows of a message. */
export function mosquittoSubscriber(
  { port, protocol, ...rest }: Listening,
): Promise<ForeignSubscriber> {
  const version = protocol === 5 ? "5" : "mqttv311";
  return listen(rest.url, "mosquitto_sub", [
    ...["-h", "127.0.0.1", "-p", `${port}`, "-V", version],
    ...["-t", "#", "-q", "2", "-F", "%j"],
  ]);
}

/** Starts a consumer in Python, which prints what it makes of a message. */
export function pythonSubscriber(
  { port, protocol, url }: Listening,
): Promise<ForeignSubscriber> {
  if (python === undefined) throw new Error("python3-paho-mqtt is missing");
  const file = fileURLToPath(
    new URL("../interoperability/consumer.py", import.meta.url),
  );
  return listen(url, python, [file, `${port}`, `${protocol}`]);
}

/** On this topic the broker is asked whether the program listens yet. */
const PROBE = "probe";

async function listen(
  url: string,
  command: string,
  args: readonly string[],
): Promise<ForeignSubscriber> {
  const lines: string[] = [];
  const errors: string[] = [];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  createInterface(child.stdout).on("line", (line) => {
    if (!line.includes(`"topic":"${PROBE}"`)) lines.push(line);
  });
  child.stderr.on("data", (data) => errors.push(String(data)));
  await subscribed(url);
  if (child.exitCode !== null) throw new Error(errors.join(""));
  return { lines };
}

/** Resolves when the broker has a subscriber. */
async function subscribed(url: string): Promise<void> {
  const transport = mqttTransport(url, { format: rawCodec() });
  const connection = await transport.connect({
    identity: PROBE,
    signal: never(),
  });
  let heard = false;
  const ask = async () => {
    const outcome = await connection.send(sampleMessage({ topic: PROBE }));
    heard = outcome.kind === "delivered" && outcome.unheard === false;
    if (!heard) setImmediate(() => void ask());
  };
  await ask();
  await eventually(() => heard, "a subscriber");
  await connection.close();
}

/** How a program ended; `undefined` when it cannot be started. */
function statusOf(
  command: string,
  ...args: readonly string[]
): number | null | undefined {
  const { error, status } = spawnSync(command, args, { stdio: "ignore" });
  return error === undefined ? status : undefined;
}
