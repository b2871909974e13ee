/**
 * Why a send failed, made fit for logs and for the database: the words are a
 * broker's, or those of an adapter that somebody else wrote.
 *
 * @module
 */

import { reasonOf } from "../errors.ts";
import type { SendFailure } from "../transport.ts";

const MAX_CODE = 64;
const MAX_REASON = 256;

/** Each part on one line, cut, its control characters escaped. */
export function quotedFailure(failure: SendFailure | undefined): SendFailure {
  return {
    code: reasonOf(failure?.code ?? "UNKNOWN", MAX_CODE),
    reason: reasonOf(failure?.reason ?? "", MAX_REASON),
  };
}
