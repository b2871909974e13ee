/**
 * Instants as text for the wire: RFC 3339 in UTC with milliseconds.
 *
 * @module
 */

const DAY_MS = 86_400_000;
/** Days from 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_EPOCH = 719_468;
const DAYS_IN_400_YEARS = 146_097;

/** The first and the last instant with a year of four digits. */
const MIN_MS = -62_167_219_200_000;
const MAX_MS = 253_402_300_799_999;

/**
 * Writes a wall-clock time: `2026-08-01T09:30:00.000Z`. Returns `null` for an
 * instant that RFC 3339 §5.6 cannot express, as a broken clock may give.
 */
export function rfc3339(atMs: number): string | null {
  if (!(atMs >= MIN_MS && atMs <= MAX_MS)) return null;
  const ms = Math.floor(atMs);
  const days = Math.floor(ms / DAY_MS);
  const timeMs = ms - days * DAY_MS;
  const { year, month, day } = dateOf(days);
  const hours = Math.floor(timeMs / 3_600_000);
  const minutes = Math.floor(timeMs / 60_000) % 60;
  const seconds = Math.floor(timeMs / 1_000) % 60;
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const time = `${digits(hours, 2)}:${digits(minutes, 2)}:${
    digits(seconds, 2)
  }`;
  return `${date}T${time}.${digits(timeMs % 1_000, 3)}Z`;
}

/**
 * The Gregorian date of a day counted from the epoch. Years begin in March
 * here, so that the leap day is the last of its year and months need no table.
 */
function dateOf(
  daysFromEpoch: number,
): { year: number; month: number; day: number } {
  const days = daysFromEpoch + DAYS_BEFORE_EPOCH;
  const era = Math.floor(days / DAYS_IN_400_YEARS);
  const dayOfEra = days - era * DAYS_IN_400_YEARS;
  const leapDays = Math.floor(dayOfEra / 1_460) -
    Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  // Five months from March on, or from August on, have 153 days.
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return { year, month, day };
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
