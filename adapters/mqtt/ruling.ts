/**
 * What a broker's answer to a PUBLISH means for the message.
 *
 * @module
 */

import type { Outcome, SendFailure } from "../../mod.ts";
import type { Acknowledgement } from "./acknowledgements.ts";
import type { Peer } from "./peer.ts";
import { ADVICE } from "./reason_codes.ts";
import { failureOf } from "./wording.ts";

/** What to do about an answer. */
export interface Ruling {
  /** What became of the message. */
  readonly outcome: Outcome;
  /** Why the connection cannot go on, or `null`. */
  readonly fatal: SendFailure | null;
}

/** How long the lane of a message waits, in ms. */
const SLOW_MS = 60_000;
const LIMIT_MS = 5_000;

/**
 * Rules on an answer. After a code that the standard does not have for the
 * packet the connection ends, as mqtt.js has lost its place.
 */
export function rulingOn(
  { type, code, text }: Omit<Acknowledgement, "packetId">,
  { reasons, quote }: Pick<Peer, "reasons" | "quote">,
): Ruling {
  const reason = reasons(type, code);
  const failure = failureOf({ code, reason, text }, quote);
  const isForeign = reason.section === null;
  const fatal = isForeign || reason.class === "reset"
    ? { ...failure, advice: ADVICE[reason.class] }
    : null;
  switch (reason.class) {
    case "ok":
      return { outcome: { kind: "delivered", unheard: code === 0x10 }, fatal };
    case "slow":
      return {
        outcome: { kind: "deferred", failure, afterMs: SLOW_MS },
        fatal,
      };
    case "limit": {
      const limited = { ...failure, advice: ADVICE.limit };
      return {
        outcome: { kind: "deferred", failure: limited, afterMs: LIMIT_MS },
        fatal,
      };
    }
    case "permanent":
      return { outcome: { kind: "dead", failure }, fatal };
    case "reset":
      return { outcome: { kind: "unknown" }, fatal };
    default:
      return { outcome: { kind: "retry", failure }, fatal };
  }
}
