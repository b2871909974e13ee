/**
 * Programs of the folder `programs/` as processes of their own, on the runtime
 * that runs the tests.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, onTestFinished } from "vitest";

/** A running program. It answers every line it is told with a line. */
export interface Child {
  readonly process: ChildProcess;
  /** Sends a line and waits for the answer. */
  ask(line: string): Promise<string>;
  /** Waits for the next line. */
  line(): Promise<string>;
}

/**
 * Bundles a program once; returns what starts it, `through` another command if
 * need be. Call it outside of tests.
 */
export function program(
  name: string,
): (args: readonly string[], through?: readonly string[]) => Promise<Child> {
  let folder: string | undefined;
  let built: Promise<void> | undefined;
  afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));
  return async (args, through = []) => {
    folder ??= mkdtempSync(join(tmpdir(), "mailboat-program-"));
    await (built ??= bundle(name, folder));
    const file = join(folder, `${name}.mjs`);
    return start([...through, process.execPath, file, ...args]);
  };
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(name: string, folder: string): Promise<void> {
  symlinkSync(here("../../node_modules"), join(folder, "node_modules"), "dir");
  await build({
    configFile: here("../vitest.config.ts"),
    logLevel: "silent",
    build: {
      ssr: here(`programs/${name}.ts`),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
}

function start([command, ...args]: readonly string[]): Child {
  const stdio = ["pipe", "pipe", "inherit"] as const;
  const child = spawn(command!, args, { stdio: [...stdio] });
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface({ input: child.stdout! })
    [Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`The program ended: ${(await ended).join(" ")}`);
    return String(value);
  };
  return {
    process: child,
    line,
    ask(text) {
      child.stdin!.write(`${text}\n`);
      return line();
    },
  };
}
