/**
 * The package as npm ships it: a file for each entry point, and two that they
 * share. Importing a file for each module takes longer than running them.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { defineConfig } from "vite";

const { exports } = JSON.parse(readFileSync("deno.json", "utf8")) as {
  readonly exports: Readonly<Record<string, string>>;
};

/** The sources of the entry points, by the names of their files. */
const input = Object.fromEntries(
  Object.values(exports).map((
    path,
  ) => [path.replace(/^\.\/|\.ts$/g, ""), path]),
);

export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: "dist/bundle",
    // Others may be running what is there.
    emptyOutDir: false,
    lib: { entry: input, formats: ["es"] },
    target: "esnext",
    minify: false,
    rolldownOptions: {
      // Packages, and what the runtime has: both are named, not found by a path.
      external: /^[a-z@]/,
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        minifyInternalExports: false,
        // What several entry points have is there once, or its errors and
        // drafts would be strangers to each other.
        codeSplitting: {
          groups: [
            { name: "core", test: /\/(mod\.ts|src\/.*)$/, minShareCount: 2 },
            { name: "sqlite", test: /\/adapters\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
});
