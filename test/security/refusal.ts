/**
 * What a refusal must look like, whatever was refused.
 *
 * @module
 */

import { MailboatError } from "@mailboat/outbox";
import { inspect } from "node:util";
import { Ambush } from "./hostile_values.ts";

const MAX_MESSAGE_CHARACTERS = 1_000;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e]/u;

/** How the engine words the mistakes of a programmer who did not look. */
export const SLIP =
  /Cannot (read properties|set property|set properties|destructure|convert|mix|use)\b|is not (a function|iterable|defined|a constructor|extensible)|call stack|Invalid (array|string) length/;

/** What is wrong with an error, or `null` when it is a typed refusal. */
export function faultOf(thrown: unknown): string | null {
  if (!(thrown instanceof MailboatError)) return `untyped: ${shown(thrown)}`;
  const { code, message } = thrown;
  if (!/^[A-Z_]+$/.test(code)) return `a strange code: ${code}`;
  if (message.length > MAX_MESSAGE_CHARACTERS) {
    return `a message of ${message.length} characters`;
  }
  const bad = UNPRINTABLE.exec(message);
  if (bad !== null) {
    return `an unprintable message: ${JSON.stringify(message)}`;
  }
  return slipOf(thrown.cause);
}

/** What was handed over may be thrown as well, and not let itself be looked at. */
function slipOf(cause: unknown): string | null {
  try {
    if (cause instanceof Ambush || !(cause instanceof Error)) return null;
    // A revoked proxy answers everything with this.
    if (/proxy/i.test(cause.message)) return null;
    return SLIP.test(cause.message) ? `a slip: ${cause.stack}` : null;
  } catch {
    return null;
  }
}

function shown(thrown: unknown): string {
  try {
    return inspect(thrown, { depth: 3 });
  } catch {
    return "something that cannot be shown";
  }
}
