/**
 * What is asked for on the command line of `npm run matrix`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { UsageError } from "../support/command_line.ts";
import type { Row } from "./rows.ts";

/** A run. */
export interface Options {
  readonly rows: readonly Row[];
  readonly json: boolean;
  readonly write: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run matrix -- [options] [RUNTIME…]

Packs the package, installs it from its tarball into an empty project for each
runtime, and runs there the README's quickstart and the conformance cases of
every adapter that the runtime has. What fails is told on standard error.

  --json    print one line of JSON for each runtime and nothing else
  --write   put the tables into the README; for a run of all runtimes
  --help    show this

Exit code: 0 when every case passed, 1 when one failed, 2 when an option is
wrong. A runtime that cannot be installed is skipped, and said so; with CI=true
that is a failure where it was asked for by its name.
`;

/**
 * Reads the arguments; without a name all runtimes are meant.
 *
 * @throws {UsageError} naming what there is.
 */
export function readOptions(
  args: readonly string[],
  all: readonly Row[],
): Options {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((name) =>
    !all.some(({ runtime }) => runtime === name)
  );
  if (unknown !== undefined) {
    const names = all.map(({ runtime }) => runtime).join(", ");
    throw new UsageError(
      `Cannot run ${JSON.stringify(unknown)} as the runtimes are ${names}`,
    );
  }
  if (values.write && positionals.length > 0) {
    throw new UsageError(
      "Cannot write the tables as only some of the runtimes are asked for",
    );
  }
  const rows = positionals.length === 0
    ? all
    : all.filter(({ runtime }) => positionals.includes(runtime));
  return { ...values, rows };
}

function parsed(args: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  const options = { json: flag, write: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // What follows is advice about arguments that are no options.
    throw new UsageError(reason.split(". ")[0], { cause });
  }
}
