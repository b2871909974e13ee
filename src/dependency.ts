/**
 * Dependencies: packages that are loaded when they are needed, as an
 * application that needs another one does not install them.
 *
 * @module
 */

import { MailboatError, reasonOf } from "./errors.ts";

/** A package that an application installs beside Mailboat. */
export interface Dependency<Module> {
  /** What it is needed for, as a verb phrase: `open the database`. */
  readonly action: string;
  /** What it is called: `better-sqlite3`. */
  readonly name: string;
  /** Loads it. */
  readonly load: () => Promise<Module>;
  /** How it is had. @default `npm install` its name */
  readonly remedy?: string;
}

/**
 * Loads a package, for an adapter that is made for it.
 *
 * @throws {MailboatError} `DEPENDENCY_MISSING` where it cannot be loaded; the
 * message says how it is had, and the cause is what the runtime says.
 *
 * @example
 * ```ts
 * const { connect } = await dependency({
 *   action: "connect to the broker",
 *   name: "mqtt",
 *   load: () => import("mqtt"),
 * });
 * ```
 */
export async function dependency<Module>(
  { action, name, load, remedy = `npm install ${name}` }: Dependency<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new MailboatError(
      "DEPENDENCY_MISSING",
      `Cannot ${action} as ${name} must be installed (${remedy}): ` +
        `current value is ${reasonOf(cause)}`,
      cause,
    );
  }
}
