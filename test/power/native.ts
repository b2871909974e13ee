/**
 * The two small programs in C, compiled when they are needed.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Compiles the recorder into a folder; returns the library to be preloaded. */
export function compileRecorder(folder: string): string {
  return compile("recorder.c", join(folder, "recorder.so"), [
    "-shared",
    "-fPIC",
  ]);
}

/** Compiles what cuts a file system off from its device; returns the program. */
export function compileShutdown(folder: string): string {
  return compile("shutdown.c", join(folder, "shutdown"), []);
}

function compile(
  source: string,
  output: string,
  flags: readonly string[],
): string {
  // Compiled programs are somewhere below `dist`, sources in C are not.
  const here = import.meta.url;
  const root = here.slice(0, here.lastIndexOf("/dist/"));
  const path = fileURLToPath(`${root}/test/power/${source}`);
  const libraries = ["-ldl", "-lpthread"];
  try {
    execFileSync("cc", ["-O2", ...flags, "-o", output, path, ...libraries], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  } catch (cause) {
    throw new Error(
      "Cannot cut the power as a C compiler must be there as cc, on Linux: " +
        `current value is ${process.platform}, ${(cause as Error).message}`,
      { cause },
    );
  }
  return output;
}
