/**
 * What a broker's answer to a PUBLISH means for the message.
 *
 * @module
 */

import type { Outcome, SendFailure } from "../../mod.ts";
import type { Acknowledgement } from "./acknowledgements.ts";
import type { Quote } from "./quoting.ts";

/** What to do about an answer. */
export interface Ruling {
  /** What became of the message. */
  readonly outcome: Outcome;
  /** Why the connection cannot go on, or `null`. */
  readonly fatal: SendFailure | null;
}

/**
 * What a reason code means.
 *
 * - `taken`: the broker has the message.
 * - `refused`: it may take it another time.
 * - `policy`: not the message's fault, and it may last; wait for `afterMs`.
 * - `never`: this message will not be taken.
 * - `reset`: both sides disagree about the session; only a new connection helps.
 */
type Meaning =
  | { readonly means: "taken"; readonly unheard: boolean }
  | { readonly means: "refused" | "never" | "reset" }
  | { readonly means: "policy"; readonly afterMs: number };

/** The packets that may carry a code. */
type Places = readonly Acknowledgement["type"][];

/** A row of the table. */
type Reason = Meaning & { readonly in: Places; readonly name: string };

/** MQTT 5 §3.4.2.1 and §3.5.2.1, which list the same codes. */
const FIRST: Places = ["puback", "pubrec"];
/** MQTT 5 §3.7.2.1. */
const LAST: Places = ["pubcomp"];
const ANY: Places = [...FIRST, ...LAST];

// deno-fmt-ignore
const REASONS: Readonly<Record<number, Reason>> = {
  0x00: { in: ANY, means: "taken", unheard: false, name: "Success" },
  0x10: { in: FIRST, means: "taken", unheard: true, name: "No matching subscribers" },
  0x80: { in: FIRST, means: "refused", name: "Unspecified error" },
  0x83: { in: FIRST, means: "refused", name: "Implementation specific error" },
  0x87: { in: FIRST, means: "policy", afterMs: 60_000, name: "Not authorized" },
  0x90: { in: FIRST, means: "never", name: "Topic Name invalid" },
  0x91: { in: FIRST, means: "reset", name: "Packet Identifier in use" },
  // The broker lost its half of the exchange, and perhaps the message with it.
  0x92: { in: LAST, means: "refused", name: "Packet Identifier not found" },
  0x97: { in: FIRST, means: "policy", afterMs: 5_000, name: "Quota exceeded" },
  0x99: { in: FIRST, means: "never", name: "Payload format invalid" },
};

/**
 * Rules on an answer. A code that is not in the table is no delivery, though
 * codes below 0x80 are successes (§2.4): a broker that invents codes proves
 * nothing by them. The connection ends with it, as mqtt.js has lost its place.
 */
export function rulingOn(
  { type, code, text }: Omit<Acknowledgement, "packetId">,
  quote: Quote,
): Ruling {
  const row = REASONS[code];
  const reason = row?.in.includes(type) ? row : undefined;
  if (reason?.means === "taken") {
    return settled({ kind: "delivered", unheard: reason.unheard });
  }
  const failure = failureOf({ code, name: reason?.name, text }, quote);
  if (reason === undefined) {
    return { outcome: { kind: "retry", failure }, fatal: failure };
  }
  switch (reason.means) {
    case "refused":
      return settled({ kind: "retry", failure });
    case "policy": {
      const { afterMs } = reason;
      return settled({ kind: "deferred", failure, afterMs });
    }
    case "never":
      return settled({ kind: "dead", failure });
    case "reset":
      return { outcome: { kind: "unknown" }, fatal: failure };
  }
}

/** Puts a reason code into words: `MQTT_0x97`, `Quota exceeded: 40 per minute`. */
export function failureOf(
  { code, name = "Unknown reason code", text }: {
    readonly code: number;
    readonly name?: string | undefined;
    readonly text: string;
  },
  quote: Quote,
): SendFailure {
  return {
    code: `MQTT_${hex(code)}`,
    reason: text === "" ? name : `${name}: ${quote(text)}`,
  };
}

function settled(outcome: Outcome): Ruling {
  return { outcome, fatal: null };
}

/** As the standard writes it: `0x8E`. */
function hex(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}
