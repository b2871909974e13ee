/**
 * What an error of a SQLite driver means.
 *
 * Drivers wrap each other's errors, so that the code that tells may be found
 * anywhere along the chain of causes.
 *
 * @module
 */

import {
  type ErrorCode,
  InputError,
  MailboatError,
  reasonOf,
  StorageError,
} from "../../mod.ts";

interface Meaning {
  readonly code: ErrorCode;
  /** What must hold for the action to succeed. */
  readonly required: string;
  readonly matches: (error: DriverError) => boolean;
}

interface DriverError {
  readonly error: Error;
  readonly codes: readonly string[];
}

const starting = (...prefixes: readonly string[]) => (error: DriverError) =>
  error.codes.some((code) =>
    prefixes.some((prefix) => code.startsWith(prefix))
  );

const meanings: readonly Meaning[] = [
  {
    code: "STORAGE_BUSY",
    required: "the database must be unlocked",
    matches: starting("SQLITE_BUSY", "SQLITE_LOCKED"),
  },
  {
    code: "STORAGE_FULL",
    required: "the disk must have room",
    matches: starting("SQLITE_FULL"),
  },
  {
    code: "STORAGE_READ_ONLY",
    required: "the database must be writable",
    matches: starting("SQLITE_READONLY"),
  },
  {
    code: "STORAGE_NOT_MIGRATED",
    required: "the tables must exist",
    matches: ({ codes, error }) =>
      codes.length > 0 && error.message.includes("no such table"),
  },
  {
    code: "TRANSACTION_FINISHED",
    required: "tx must be open",
    matches: starting("TRANSACTION_CLOSED", "TRANSACTION_TIMEOUT"),
  },
];

/**
 * Turns what a driver threw into an error that tells what to do about it. Its
 * cause is the driver's own error: what is wrapped around it may quote the
 * statement with the values bound to it.
 */
export function storageError(action: string, thrown: unknown): MailboatError {
  if (thrown instanceof MailboatError) return thrown;
  const chain = chainOf(thrown);
  const own = chain.find(({ codes }) => codes.length > 0) ?? chain.at(-1);
  const cause = own?.error ?? thrown;
  const found = reasonOf(cause);
  const meaning = meanings.find(({ matches }) => chain.some(matches));
  if (meaning?.code === "TRANSACTION_FINISHED") {
    return refusedTransaction("TRANSACTION_FINISHED", action, found, cause);
  }
  const required = meaning?.required ?? "the database must answer";
  return new StorageError(
    meaning?.code ?? "STORAGE_FAILED",
    `Cannot ${action} as ${required}: current value is ${found}`,
    cause,
  );
}

/** Whether a driver's error says that somebody else holds the lock. */
export function isBusy(thrown: unknown): boolean {
  return storageError("tell", thrown).code === "STORAGE_BUSY";
}

/** Whether a driver's error says that the disk is full. */
export function isFull(thrown: unknown): boolean {
  return storageError("tell", thrown).code === "STORAGE_FULL";
}

/** Whether a driver's error says that a value is larger than it may be. */
export function isTooBig(thrown: unknown): boolean {
  return chainOf(thrown).some(starting("SQLITE_TOOBIG"));
}

/** Runs an action, and makes its failure a {@link StorageError}. */
export async function acting<T>(
  action: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw storageError(action, thrown);
  }
}

const required = {
  NOT_A_TRANSACTION: "an open transaction",
  TRANSACTION_FINISHED: "a transaction that is still open",
  FOREIGN_TRANSACTION: "a transaction on the database of this storage",
};

/** The refusal of a handle that messages cannot be stored through. */
export function refusedTransaction(
  code: keyof typeof required,
  action: string,
  found: string,
  cause?: unknown,
): InputError {
  return new InputError(code, {
    action,
    field: "tx",
    required: required[code],
    found,
    cause,
  });
}

/** Longer chains of causes than this are loops. */
const MAX_CAUSES = 8;

function chainOf(thrown: unknown): DriverError[] {
  const chain: DriverError[] = [];
  let next = thrown;
  while (next instanceof Error && chain.length < MAX_CAUSES) {
    chain.push({ error: next, codes: codesOf(next) });
    next = next.cause;
  }
  return chain;
}

/** The primary result codes of SQLite that mean something here. */
const PRIMARY: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  13: "SQLITE_FULL",
};

/** What SQLite says for them: all that `exec` of Deno's `node:sqlite` tells. */
const WORDED: readonly (readonly [words: string, name: string])[] = [
  ["database is locked", "SQLITE_BUSY"],
  ["database table is locked", "SQLITE_LOCKED"],
  ["attempt to write a readonly database", "SQLITE_READONLY"],
  ["database or disk is full", "SQLITE_FULL"],
];

const NAMED = /: (SQLITE_[A-Z]+)(?: \(extended: \w+\))?$/;

/**
 * Some drivers give a name, some a number whose low byte is the primary code;
 * Cloudflare's name it at the end of the message.
 */
function codesOf(error: Error): string[] {
  const { code, extendedCode, errcode } = error as {
    readonly code?: unknown;
    readonly extendedCode?: unknown;
    readonly errcode?: unknown;
  };
  const primary = typeof errcode === "number" ? PRIMARY[errcode & 0xff] : null;
  const named = NAMED.exec(error.message)?.[1];
  const isBare = code === "ERR_SQLITE_ERROR" && errcode === undefined;
  const worded = isBare
    ? WORDED.find(([words]) => error.message.startsWith(words))?.[1]
    : null;
  return [code, extendedCode, primary, named, worded]
    .filter((it) => typeof it === "string");
}
