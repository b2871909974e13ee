/**
 * Cells: values that leave the database as JSON in bytes, whatever somebody
 * else has put in their place. Reading them as they are would end in an error
 * for the whole page, or, for text that is not UTF-8, with the process.
 *
 * @module
 */

/** A text that is not UTF-8, or bytes where they do not belong. */
export class Unreadable {
  /** The text, with U+FFFD for what is wrong with it. */
  readonly shown: string;

  /** Keeps what can be shown. */
  constructor(shown: string) {
    this.shown = shown;
  }
}

/** A value as it came. */
export type Cell = string | number | boolean | null | Unreadable;

/**
 * Columns as arguments of `json_array`, which fails on bytes: `true` stands for
 * them. Nothing but bytes comes behind no bytes at all (SQLite, "Datatypes" §4.1).
 */
export function guarded(columns: readonly string[], from?: string): string {
  const owner = from === undefined ? "" : `${from}.`;
  return columns.map((column) => `${owner}"${column}"`).map((name) =>
    `CASE WHEN ${name} >= x'' THEN json('true') ELSE ${name} END`
  ).join(", ");
}

/** What a cell holds as JSON in bytes; `null` for a cell that holds none. */
export function jsonOf<T>(cell: unknown): T | null {
  if (!(cell instanceof Uint8Array)) return null;
  const text = utf8Of(cell);
  if (text !== null) return JSON.parse(text);
  // JSON is made of ASCII: read byte by byte it falls apart at the right places.
  return JSON.parse(
    latin1Of(cell),
    (_, value) => typeof value === "string" ? readable(value) : value,
  );
}

/** The text of a cell, as far as there is one. */
export function shownOf(cell: Cell | undefined): string {
  if (typeof cell === "string") return cell;
  return cell instanceof Unreadable ? cell.shown : "";
}

/** An instant by a wall clock, which may stand before 1970, or 0 in its place. */
export function instantOf(cell: Cell | undefined): number {
  return typeof cell === "number" ? cell : 0;
}

/** A number that counts or measures, or 0 in its place. */
export function amountOf(cell: Cell | undefined): number {
  const isOne = typeof cell === "number" && cell >= 0 && cell < Infinity;
  return isOne ? cell : 0;
}

/** The bytes of a text that {@link latin1Of} made. */
export function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (byte) => byte.charCodeAt(0));
}

function readable(latin1: string): string | Unreadable {
  const bytes = bytesOf(latin1);
  return utf8Of(bytes) ?? new Unreadable(lenient.decode(bytes));
}

const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8Of(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** As many bytes as fit the arguments of one call. */
const CHUNK_BYTES = 0x6000;

/** Bytes as text, one character each. */
export function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return text;
}
