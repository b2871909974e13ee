/**
 * A real broker, started by the test that needs it and stopped by it.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A running Mosquitto. */
export interface Mosquitto {
  readonly port: number;
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  /** Its process, for tests that freeze or kill it. */
  readonly process: ChildProcess;
  /** Ends it; idempotent. */
  stop(): Promise<void>;
}

/** What a test may ask of the broker. */
export interface MosquittoOptions {
  /** The port to listen on, so that a broker can come back; free by default. */
  readonly port?: number;
  /** Further lines of configuration: `receive_maximum 5`. */
  readonly config?: readonly string[];
}

const START_LIMIT_MS = 10_000;

/** Where the binary is, or `undefined`. Debian's is outside of a user's PATH. */
export function findMosquitto(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, "/usr/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, "mosquitto"))
    .find(isExecutable);
}

/**
 * Whether tests with Mosquitto are to be left out: only where it is missing,
 * and never in CI, where a missing broker is a failure.
 */
export const withoutMosquitto: boolean = findMosquitto() === undefined &&
  !process.env["CI"];

/** Starts a broker on the loopback address; resolves when it takes connections. */
export async function startMosquitto(
  options: MosquittoOptions = {},
): Promise<Mosquitto> {
  const binary = findMosquitto();
  if (!binary) throw new Error("mosquitto is not installed");
  const port = options.port ?? await freePort();
  const folder = mkdtempSync(join(tmpdir(), "mosquitto-"));
  const file = join(folder, "mosquitto.conf");
  const own = [`listener ${port} 127.0.0.1`, "allow_anonymous true"];
  writeFileSync(file, [...own, ...options.config ?? [], ""].join("\n"));
  const child = spawn(binary, ["-c", file], { stdio: "ignore" });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await accepting(port, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url: `mqtt://127.0.0.1:${port}`, process: child, stop };
}

/** A port on the loopback address that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function accepting(port: number, child: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) {
      throw new Error(`mosquitto ended with status ${child.exitCode}`);
    }
    if (await answers(port)) return;
    await pause(10);
  }
  throw new Error(`mosquitto did not listen on ${port} in time`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => socket.end(() => resolve(true)));
    socket.once("error", () => resolve(false));
  });
}
