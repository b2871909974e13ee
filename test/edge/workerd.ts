/**
 * Workers on workerd, as a user's tool would bundle and start them. The tools
 * are heavy: they are installed in `test/runtime`, apart.
 *
 * @module
 */

import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = new URL("../../", import.meta.url);
const home = new URL("test/runtime/package.json", root);

/** What is asked of miniflare. */
export interface Miniflare {
  dispatchFetch(url: string, request?: RequestInit): Promise<Response>;
  getWorker(): Promise<{
    scheduled(options?: { cron?: string }): Promise<{ outcome: string }>;
  }>;
  dispose(): Promise<void>;
}

/** How a worker is started; the rest is miniflare's own. */
export interface WorkerOptions {
  /** Its module, from the top of the repository. */
  readonly entry: string;
  /** Its bindings and where they are kept, as miniflare takes them. */
  readonly platform: Readonly<Record<string, unknown>>;
}

/** Starts a worker on a free port of the loopback interface. */
export async function startWorker(
  { entry, platform }: WorkerOptions,
): Promise<Miniflare> {
  const { Miniflare } = await tool<{
    readonly Miniflare: new (options: object) => Miniflare;
  }>("miniflare");
  return new Miniflare({
    host: "127.0.0.1",
    modules: true,
    script: await bundled(entry),
    compatibilityDate: "2026-04-01",
    ...platform,
  });
}

const bundles = new Map<string, Promise<string>>();

function bundled(entry: string): Promise<string> {
  const known = bundles.get(entry) ?? bundle(entry);
  bundles.set(entry, known);
  return known;
}

async function bundle(entry: string): Promise<string> {
  const { build } = await tool<{
    build(options: object): Promise<{
      readonly outputFiles: readonly [{ readonly text: string }];
    }>;
  }>("esbuild");
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(entry, root))],
    tsconfig: fileURLToPath(new URL("tsconfig.json", root)),
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["workerd", "worker", "browser", "import"],
    external: ["node:*", "cloudflare:*"],
    write: false,
  });
  return outputFiles[0].text;
}

async function tool<Module>(name: string): Promise<Module> {
  const file = createRequire(home).resolve(name);
  const { default: module, ...named } = await import(pathToFileURL(file).href);
  return { ...module, ...named } as Module;
}
