/**
 * What databases and transactions of drizzle have within, in 0.45 as in 1.0:
 * they have no other way to tell whose they are.
 *
 * @module
 */

import type { Scriptable } from "../libsql/script.ts";

/** Whether its driver answers at once. */
export function isSync(handle: object): boolean {
  return (handle as { readonly resultKind?: unknown }).resultKind === "sync";
}

/** What a database and all of its transactions share; `undefined` in what is neither. */
export function sessionOf(handle: object): object | undefined {
  const { session } = handle as { readonly session?: unknown };
  return typeof session === "object" && session !== null ? session : undefined;
}

/**
 * The transaction of `@libsql/client` on a file beneath one of drizzle's, as
 * one that drizzle's logger hears of; `undefined` where there is another.
 */
export function scriptableOf(tx: object): Scriptable | undefined {
  const { client, tx: begun, logger } = (sessionOf(tx) ?? {}) as {
    readonly client?: { readonly protocol?: unknown };
    readonly tx?: Partial<Scriptable>;
    readonly logger?: { logQuery?(query: string, params: unknown[]): void };
  };
  const isOne = client?.protocol === "file" &&
    typeof begun?.executeMultiple === "function";
  if (!isOne) return undefined;
  return {
    executeMultiple(sql) {
      logger?.logQuery?.(sql, []);
      return begun.executeMultiple!(sql);
    },
  };
}

/** The client that `drizzle()` was given or made. */
export function clientOf(db: object): unknown {
  return (db as { readonly $client?: unknown }).$client;
}
