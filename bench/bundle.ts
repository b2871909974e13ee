/**
 * The package as a bundler leaves it: one file for each entry point or use of
 * it, without what nobody asked for and without the packages that it asks for.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** The core as it is shipped; this runs from the folder `dist/bench`. */
export const CORE: string = fileURLToPath(
  new URL("../bundle/mod.js", import.meta.url),
);

/** What is taken of a module. */
export interface Taking {
  /** The path of an entry point. */
  readonly module: string;
  /** `*`, or names in braces, as an `export` has them. */
  readonly names: string;
}

/** What is taken of the core, by the use that it is for. */
export const USES = {
  "everything": "*",
  "outbox and relay": "{ createOutbox, createRelay, defineEvent }",
  "outbox alone": "{ createOutbox, defineEvent }",
  "consumer and inbox": "{ createConsumer, createInbox }",
} as const;

/** A use of the core. */
export type Use = keyof typeof USES;

/** What a use takes. */
export function takingOf(use: Use): Taking {
  return { module: CORE, names: USES[use] };
}

/** What is weighed: each use of the core, and each other entry point as a whole. */
export function takings(): ReadonlyMap<string, Taking> {
  const { ".": _core, "./package.json": _itself, ...others } =
    readManifest().exports;
  const uses = Object.keys(USES) as Use[];
  return new Map([
    ...uses.map((use) => [use, takingOf(use)] as const),
    ...Object.entries(others).map(([subpath, target]) =>
      [subpath, { module: pathOf(target.default), names: "*" }] as const
    ),
  ]);
}

/** Bundles and minifies what is taken; `folder` is for a file. */
export async function bundled(
  { module, names }: Taking,
  folder: string,
): Promise<string> {
  const peers = Object.keys(readManifest().peerDependencies);
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, `export ${names} from ${JSON.stringify(module)};\n`);
  const result = await build({
    configFile: false,
    envFile: false,
    publicDir: false,
    logLevel: "error",
    root: folder,
    build: {
      write: false,
      minify: true,
      target: "es2022",
      modulePreload: false,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        // What the runtime has, and what users install themselves.
        external: [
          /^(node|bun|cloudflare):/,
          ...peers.map((name) => new RegExp(`^${name}($|/)`)),
        ],
      },
    },
  });
  if (!("output" in result) || result.output.length !== 1) {
    throw new Error(`Cannot weigh ${module} as it is not one file`);
  }
  return result.output[0].code;
}

/** The size as it is sent over a network, in bytes. */
export function gzippedBytes(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const root = new URL("../../", import.meta.url);

/** The manifest of the package; this runs from its folder `dist/bench`. */
function readManifest(): Manifest {
  return JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
}

function pathOf(target: string): string {
  return fileURLToPath(new URL(target, root));
}
