/**
 * Certificates in PEM (RFC 7468), and when they expire.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";

/** When a certificate expires. */
export interface Expiry {
  /** In ms since the epoch. */
  readonly atMs: number;
  /** For people: `2026-12-31`, in UTC. */
  readonly date: string;
}

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/** Reads every certificate of a text; `null` when there is none, or a bad one. */
export function certificatesIn(pem: string): X509Certificate[] | null {
  const [, ...blocks] = pem.split(BEGIN);
  const read: X509Certificate[] = [];
  for (const block of blocks) {
    const end = block.indexOf(END);
    if (end < 0) return null;
    try {
      const text = `${BEGIN}${block.slice(0, end)}${END}\n`;
      read.push(new X509Certificate(text));
    } catch {
      return null;
    }
  }
  return read.length > 0 ? read : null;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const VALID_TO = /^(\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4}) GMT$/;

/** Reads a time as certificates show it: `Dec  6 10:48:15 2026 GMT`. */
export function expiryOf(validTo: string): Expiry | null {
  const [, name = "", ...numbers] = VALID_TO.exec(validTo) ?? [];
  const [day = 0, hours = 0, minutes = 0, seconds = 0, year = 0] = numbers
    .map(Number);
  const month = MONTHS.indexOf(name) + 1;
  if (month === 0) return null;
  const allHours = dayNumber(year, month, day) * 24 + hours;
  const [y, m, d] = [[year, 4], [month, 2], [day, 2]]
    .map(([value, width]) => String(value).padStart(width!, "0"));
  return {
    atMs: ((allHours * 60 + minutes) * 60 + seconds) * 1_000,
    date: `${y}-${m}-${d}`,
  };
}

/**
 * Days from 1970-01-01 to a date of the Gregorian calendar. Years that begin in
 * March end with their leap day, so that it moves no month.
 */
function dayNumber(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year;
  const months = (month + 9) % 12;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) +
    Math.floor(years / 400);
  const daysOfMonths = Math.floor((months * 306 + 5) / 10);
  return 365 * years + leapDays + daysOfMonths + day - 719_469;
}
