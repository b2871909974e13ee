/**
 * The counters: each counted message is the n-th of its key.
 *
 * @module
 */

/** The table that counting needs, quoted. */
export interface PositionTables {
  /** The last position of each key. */
  readonly position: string;
}

/** The statements that make the table, no-ops where it is there. */
export function createPositionTable(
  { position }: PositionTables,
): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${position} (
  "key" text PRIMARY KEY NOT NULL,
  "position" integer NOT NULL,
  "seq" integer NOT NULL
)`,
  ];
}
