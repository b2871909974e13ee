/**
 * The handle of a transaction. The platform has none: whoever writes while one
 * is open writes in it.
 *
 * @module
 */

import type { DurableObjectSql } from "./platform.ts";

/** A transaction on the database of an object, while its work runs. */
export class DurableObjectTransaction<
  Sql extends DurableObjectSql = DurableObjectSql,
> {
  /** `ctx.storage.sql`, for rows of one's own. */
  readonly sql: Sql;
  #storage: object | null;

  /** Begins with the work. */
  constructor(storage: { readonly sql: Sql }) {
    this.sql = storage.sql;
    this.#storage = storage;
  }

  /** Ends with the work. */
  end(): void {
    this.#storage = null;
  }

  /** Where it is open; `null` when it is over, `undefined` for what is none. */
  static storageOf(value: unknown): object | null | undefined {
    const isOne = typeof value === "object" && value !== null &&
      #storage in value;
    return isOne ? value.#storage : undefined;
  }
}
