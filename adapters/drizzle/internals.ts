/**
 * What databases and transactions of drizzle have within, in 0.45 as in 1.0:
 * they have no other way to tell whose they are.
 *
 * @module
 */

/** Whether its driver answers at once. */
export function isSync(handle: object): boolean {
  return (handle as { readonly resultKind?: unknown }).resultKind === "sync";
}

/** What a database and all of its transactions share; `undefined` in what is neither. */
export function sessionOf(handle: object): object | undefined {
  const { session } = handle as { readonly session?: unknown };
  return typeof session === "object" && session !== null ? session : undefined;
}

/** The client that `drizzle()` was given or made. */
export function clientOf(db: object): unknown {
  return (db as { readonly $client?: unknown }).$client;
}
