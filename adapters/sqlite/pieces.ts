/**
 * Pieces of a result that is larger than a value may be: rows leave the
 * database as one value, and some platforms allow little.
 *
 * @module
 */

import { isTooBig } from "./errors.ts";

/** Reads rows, or half as many as long as they do not fit into one value. */
export async function fitting<T>(
  limit: number,
  read: (limit: number) => Promise<T>,
): Promise<T> {
  try {
    return await read(limit);
  } catch (thrown) {
    if (limit <= 1 || !isTooBig(thrown)) throw thrown;
    return await fitting(Math.floor(limit / 2), read);
  }
}

/** Reads as many rows as there are up to the limit, in as many pieces as it takes. */
export async function inPieces<Row>(
  start: number,
  limit: number,
  { read, placeOf }: {
    /** Reads the first rows from a place on. */
    readonly read: (from: number, limit: number) => Promise<Row[]>;
    /** From where to go on behind a row. */
    readonly placeOf: (row: Row) => number;
  },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = start, rest = limit; rest > 0;) {
    let asked = rest;
    const piece = await fitting(rest, (fewer) => read(from, asked = fewer));
    rows.push(...piece);
    const last = piece.at(-1);
    if (last === undefined || piece.length < asked) break;
    from = placeOf(last);
    rest -= piece.length;
  }
  return rows;
}
