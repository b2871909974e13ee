import { createClient } from "@libsql/client";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  type Reading,
  readingSchema,
} from "../../examples/node_service/readings.ts";
import { arrivals } from "../../examples/stage/arrivals.ts";
import { type AedesBroker, startAedes } from "../support/aedes_broker.ts";
import { eventually } from "../support/eventually.ts";
import { createProject } from "../support/project.ts";
import { root } from "../support/source_tree.ts";

const program = new URL("dist/examples/node_service/main.js", root);
const meters = ["m-1", "m-2", "m-3"];

let broker: AedesBroker;

beforeAll(async () => {
  expect(existsSync(program), "npm run build first").toBe(true);
  broker = await startAedes();
});
afterAll(() => broker.stop());

/** A running service, and the way to ask it. */
interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

function newFile(): string {
  const project = createProject();
  onTestFinished(() => project.remove());
  return join(project.path, "readings.db");
}

async function start(file: string, MQTT_URL = broker.url): Promise<Running> {
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    env: { ...process.env, PORT: "0", DATABASE: file, MQTT_URL },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(createInterface(child.stdout), "line");
  return { child, url: /http:\S+/.exec(line)![0] };
}

async function end(
  { child }: Running,
  signal: NodeJS.Signals,
): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited as [number | null];
  return code;
}

function post({ url }: Running, body: unknown): Promise<Response> {
  const given = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(url, { method: "POST", body: given });
}

function isRefused(url: string): Promise<boolean> {
  return fetch(url).then(() => false, () => true);
}

async function committed(file: string): Promise<Reading[]> {
  const client = createClient({ url: `file:${file}` });
  const { rows } = await client.execute(
    "SELECT meter, kwh FROM readings ORDER BY rowid",
  );
  client.close();
  return rows.map(({ meter, kwh }) => ({ meter, kwh }) as unknown as Reading);
}

/** The readings of a meter, each where it came first. */
function firstsOf(readings: readonly Reading[], meter: string): number[] {
  const all = readings.filter((one) => one.meter === meter);
  return [...new Set(all.map(({ kwh }) => kwh))];
}

test("what was committed arrives in order, though the service is killed", async () => {
  const file = newFile();
  const arriving = await arrivals(broker.url, "meters/+", readingSchema);
  const answered: Reading[] = [];
  const postInTurn = async (service: Running, meter: string, from: number) => {
    for (let kwh = from; kwh < from + 10; kwh++) {
      const { status } = await post(service, { meter, kwh });
      expect(status).toBe(201);
      answered.push({ meter, kwh });
    }
  };

  const doomed = await start(file);
  const posting = meters.map((meter) =>
    postInTurn(doomed, meter, 1).catch((error) => {
      // The kill leaves a request without an answer, and no wrong answer.
      expect(error).toBeInstanceOf(TypeError);
    })
  );
  await eventually(() => answered.length >= 9, "nine answers");
  await end(doomed, "SIGKILL");
  await Promise.all(posting);
  expect(answered.length).toBeLessThan(30);

  const next = await start(file);
  await Promise.all(meters.map((meter) => postInTurn(next, meter, 101)));
  const rows = await committed(file);
  expect(rows).toEqual(expect.arrayContaining(answered));

  const arrived: Reading[] = [];
  for await (const reading of arriving) {
    arrived.push(reading);
    if (meters.every((meter) => firstsOf(arrived, meter).at(-1) === 110)) break;
  }
  for (const meter of meters) {
    expect(firstsOf(arrived, meter)).toEqual(firstsOf(rows, meter));
  }
  expect(await end(next, "SIGTERM")).toBe(0);
});

test("bad input is refused, and nothing of it is stored", async () => {
  const file = newFile();
  const service = await start(file);
  const statusOf = async (body: unknown) => (await post(service, body)).status;
  expect(await statusOf("{")).toBe(400);
  expect(await statusOf({ meter: "m-1" })).toBe(400);
  expect(await statusOf({ meter: "m-1", kwh: -1 })).toBe(400);
  expect(await statusOf({ meter: "m/1", kwh: 1 })).toBe(400);
  expect(await statusOf("x".repeat(1_000_000))).toBe(413);
  expect((await fetch(service.url)).status).toBe(405);
  expect((await fetch(new URL("/", service.url))).status).toBe(404);
  const problem = await (await post(service, { meter: "m-1" })).json();
  expect(problem).toEqual({ error: expect.stringContaining("kwh") });
  expect(await committed(file)).toEqual([]);
  expect(await end(service, "SIGTERM")).toBe(0);
});

test("nothing is answered before it is committed", async () => {
  const file = newFile();
  const service = await start(file);
  const client = createClient({ url: `file:${file}` });
  const blocking = await client.transaction("write");
  let answered = false;
  const answer = post(service, { meter: "m-1", kwh: 4.2 });
  void answer.then(() => answered = true);
  await pause(300);
  expect(answered).toBe(false);
  await blocking.rollback();
  client.close();
  expect((await answer).status).toBe(201);
  expect(await committed(file)).toEqual([{ meter: "m-1", kwh: 4.2 }]);
  expect(await end(service, "SIGTERM")).toBe(0);
});

test("a request that is under way when it is told to stop is answered", async () => {
  const file = newFile();
  // A port that nothing listens on: the broker is away.
  const service = await start(file, "mqtt://127.0.0.1:1");
  const half = request(service.url, { method: "POST" });
  half.write('{"meter":"m-1",');
  const answer = once(half, "response");
  await once(half, "socket");
  expect((await fetch(service.url)).status).toBe(405);
  const ended = end(service, "SIGTERM");
  await eventually(() => isRefused(service.url), "refused connections");
  half.end('"kwh":4.2}');
  const [response] = await answer;
  expect(response.statusCode).toBe(201);
  expect(response.headers.connection).toBe("close");
  expect(await ended).toBe(0);
  expect(await committed(file)).toEqual([{ meter: "m-1", kwh: 4.2 }]);

  // The broker is there again, and so is the reading.
  const arriving = await arrivals(broker.url, "meters/+", readingSchema);
  const next = await start(file);
  for await (const reading of arriving) {
    expect(reading).toEqual({ meter: "m-1", kwh: 4.2 });
    break;
  }
  expect(await end(next, "SIGTERM")).toBe(0);
});
