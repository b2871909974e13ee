/**
 * Workers on workerd, as their user's tool would bundle and start them. The
 * tools are heavy: `npm ci --prefix test/edge` installs them, apart from
 * everything else.
 *
 * @module
 */

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What is asked of miniflare. */
export interface Miniflare {
  /** Sends a request to the worker. */
  dispatchFetch(url: string, request?: RequestInit): Promise<Response>;
  /** The worker, for what is no request. */
  getWorker(): Promise<{
    scheduled(options?: object): Promise<{ readonly outcome: string }>;
  }>;
  /** Ends it. */
  dispose(): Promise<void>;
}

/** How a worker is started. */
export interface WorkerOptions {
  /** Its module, from the top of the repository, where the program runs. */
  readonly entry: string;
  /** Its bindings, and where they are kept, as miniflare takes them. */
  readonly platform: Readonly<Record<string, unknown>>;
  /** The folders of packages that are not those of this project. */
  readonly packages?: Readonly<Record<string, string>>;
}

const HOME = resolve("test/edge/package.json");

/** Starts a worker on the loopback interface. */
export async function startWorker(
  { entry, platform, packages = {} }: WorkerOptions,
): Promise<Miniflare> {
  const { Miniflare } = await tool<{
    readonly Miniflare: new (options: object) => Miniflare;
  }>("miniflare");
  return new Miniflare({
    host: "127.0.0.1",
    modules: true,
    script: await bundle(entry, packages),
    compatibilityDate: "2026-04-01",
    ...platform,
  });
}

async function bundle(
  entry: string,
  packages: Readonly<Record<string, string>>,
): Promise<string> {
  const { build } = await tool<{
    build(options: object): Promise<{
      readonly outputFiles: readonly [{ readonly text: string }];
    }>;
  }>("esbuild");
  const { outputFiles } = await build({
    entryPoints: [resolve(entry)],
    alias: packages,
    tsconfig: resolve("tsconfig.json"),
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
  let file: string;
  try {
    file = createRequire(HOME).resolve(name);
  } catch {
    throw new Error(`There is no ${name}: npm ci --prefix test/edge`);
  }
  const { default: module, ...named } = await import(pathToFileURL(file).href);
  return { ...module, ...named } as Module;
}
