/**
 * What drizzle takes for globals of the platform. As globals, the package has
 * all of them, in the place of those that the sources are compiled with.
 */

import type * as platform from "@cloudflare/workers-types";

declare global {
  type D1Database = platform.D1Database;
  type D1DatabaseSession = platform.D1DatabaseSession;
  type D1PreparedStatement = platform.D1PreparedStatement;
  type D1Response = platform.D1Response;
  type D1Result<T = unknown> = platform.D1Result<T>;
  type DurableObjectState = platform.DurableObjectState;
  type DurableObjectStorage = platform.DurableObjectStorage;
  type SqlStorageCursor<T extends Record<string, platform.SqlStorageValue>> =
    platform.SqlStorageCursor<T>;
  type SqlStorageValue = platform.SqlStorageValue;
}
