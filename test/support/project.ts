/**
 * Projects that use the built package as any other would: by its name, from
 * `node_modules`, without its sources.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { root } from "./source_tree.ts";

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project in a temporary folder. */
export interface Project {
  /** Its folder. */
  readonly path: string;
  /** Writes a file into it. */
  write(name: string, content: string): void;
  /** Runs a program in it. */
  run(command: string, ...args: readonly string[]): Promise<Ended>;
  /** Deletes it. */
  remove(): void;
}

const RUN_LIMIT_MS = 120_000;

/**
 * Runs a program without input. After two minutes, or what is given, it is
 * killed, with whatever it has started.
 */
export async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  limitMs: number = RUN_LIMIT_MS,
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    // A process group of its own, so that its children can be killed with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const impatience = setTimeout(
    () => process.kill(-child.pid!, "SIGKILL"),
    limitMs,
  );
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await once(child, "close") as [number | null];
  clearTimeout(impatience);
  const [stdout, stderr] = await output;
  return { status, stdout, stderr };
}

/** Makes a project with nothing installed. */
export function createProject(): Project {
  const path = mkdtempSync(join(tmpdir(), "mailboat-"));
  const project: Project = {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    },
    run: (command, ...args) => run(path, command, args),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
  project.write("package.json", '{ "type": "module", "private": true }');
  return project;
}

/** Makes a project that has this repository and its packages installed. */
export function createProjectWithRepository(): Project {
  const project = createProject();
  const modules = join(project.path, "node_modules");
  const repository = fileURLToPath(root);
  const installed = join(repository, "node_modules");
  mkdirSync(join(modules, "@mailboat"), { recursive: true });
  for (const name of readdirSync(installed)) {
    symlinkSync(join(installed, name), join(modules, name), "dir");
  }
  symlinkSync(repository, join(modules, "@mailboat", "outbox"), "dir");
  return project;
}
