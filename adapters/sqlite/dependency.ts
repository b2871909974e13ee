/**
 * Packages that are asked for when they are needed.
 *
 * @module
 */

import { MailboatError } from "../../mod.ts";

/** A package that an application installs beside Mailboat. */
export interface Dependency<Module> {
  /** What is installed: `better-sqlite3`. */
  readonly name: string;
  /** Loads it. */
  readonly load: () => Promise<Module>;
  /** What to do where it is missing. @default `npm install` its name */
  readonly remedy?: string;
}

/** What a runtime says of a module that is not there: Node and Bun, Deno, bundlers. */
const MISSING = /not found|cannot find|no such built-?in|unknown_builtin/i;

/**
 * Loads a package.
 *
 * @throws {MailboatError} `DEPENDENCY_MISSING`, saying how to install it. What
 * it throws otherwise when it is loaded is thrown as it is.
 */
export async function dependency<Module>(
  { name, load, remedy = `npm install ${name}` }: Dependency<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (thrown) {
    const { message = "", code = "" } = thrown as Partial<
      Record<"message" | "code", string>
    >;
    if (!MISSING.test(`${code} ${message}`)) throw thrown;
    throw new MailboatError(
      "DEPENDENCY_MISSING",
      `Cannot open the database as ${name} must be there (${remedy}): ` +
        "current value is none",
      thrown,
    );
  }
}
