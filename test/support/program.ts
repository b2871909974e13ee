/**
 * Programs of the folder `children/` as processes of their own, on the runtime
 * that runs the tests. They are told and heard through an IPC channel.
 *
 * @module
 */

import type { Serializable } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, onTestFinished } from "vitest";
import { Child } from "./child.ts";

/**
 * Bundles a program once, sources and all; returns what starts it, with flags
 * for the runtime if need be. A process that still runs when its test ends is
 * killed. Call it outside of tests.
 */
export function program<
  Order extends Serializable,
  Report extends { type: string },
>(
  name: string,
  execArgv: readonly string[] = [],
): () => Promise<Child<Order, Report>> {
  let bundled: Promise<string> | undefined;
  let folder: string | undefined;
  afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));
  return async () => {
    folder ??= mkdtempSync(join(tmpdir(), "mailboat-program-"));
    const child = new Child<Order, Report>(
      await (bundled ??= bundle(name, folder)),
      { execArgv },
    );
    onTestFinished(() => child.end());
    return child;
  };
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(name: string, folder: string): Promise<string> {
  symlinkSync(here("../../node_modules"), join(folder, "node_modules"), "dir");
  await build({
    configFile: here("../vitest.config.ts"),
    logLevel: "silent",
    build: {
      ssr: here(`children/${name}.ts`),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(folder, `${name}.mjs`);
}
