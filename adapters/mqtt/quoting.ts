/**
 * Quoting: other people's words (a broker's reason string, a driver's error)
 * made fit for our errors and failures: one line, bounded, without secrets.
 *
 * @module
 */

import { reasonOf } from "../../mod.ts";

/** Makes a text fit to be shown. */
export type Quote = (text: string) => string;

/**
 * The shortest text that counts as a secret. Shorter ones protect nothing, and
 * blotting them out would garble every sentence.
 */
const MIN_SECRET_CHARACTERS = 4;

/** Leaves room for our own words in a reason of 256 characters. */
const MAX_CHARACTERS = 200;

/** Returns a function that shows texts without these secrets. */
export function createQuote(secrets: readonly string[]): Quote {
  const hidden = secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARACTERS)
    // A secret that contains another one goes first, whole.
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let shown = text;
    for (const secret of hidden) shown = shown.replaceAll(secret, "***");
    return reasonOf(shown, MAX_CHARACTERS);
  };
}

/**
 * Copies an error for use as a `cause`: drivers hang sockets, addresses and
 * options on theirs.
 */
export function quoteError(thrown: unknown, quote: Quote): Error {
  const copy = new Error(quote(messageOf(thrown)));
  const name = nameOf(thrown);
  if (name !== null && /^\w{1,40}$/.test(name)) copy.name = name;
  return copy;
}

/** The message of anything thrown. Several addresses of a host fail in one error. */
export function messageOf(thrown: unknown): string {
  try {
    if (thrown instanceof AggregateError && thrown.message === "") {
      return thrown.errors.map(messageOf).join(", ");
    }
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return reasonOf(thrown);
  }
}

function nameOf(thrown: unknown): string | null {
  try {
    return thrown instanceof Error ? String(thrown.name) : null;
  } catch {
    return null;
  }
}
