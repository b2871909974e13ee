/**
 * The core as a bundler leaves it: one file, without what nobody asked for.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

/** The built core. */
export const CORE: string = fileURLToPath(
  new URL("../mod.js", import.meta.url),
);

/** What is taken of the core, by the use that it is for. */
export const USES = {
  "everything": "*",
  "outbox and relay": "{ createOutbox, createRelay, defineEvent }",
  "outbox alone": "{ createOutbox, defineEvent }",
  "consumer and inbox": "{ createConsumer, createInbox }",
} as const;

/** A use of the core. */
export type Use = keyof typeof USES;

/** Bundles and minifies what a use takes; `folder` is for a file. */
export async function bundled(use: Use, folder: string): Promise<string> {
  const entry = join(folder, "entry.mjs");
  writeFileSync(entry, `export ${USES[use]} from ${JSON.stringify(CORE)};\n`);
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
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict" },
    },
  });
  if (!("output" in result) || result.output.length !== 1) {
    throw new Error("Cannot weigh the core as it is not one file");
  }
  return result.output[0].code;
}

/** The size as it is sent over a network, in bytes. */
export function gzippedBytes(code: string): number {
  return gzipSync(code, { level: 9 }).length;
}
