/**
 * The broker at the other end, and how to take what it says.
 *
 * @module
 */

import type { Advice, ConnectionWarning } from "../../mod.ts";
import type { Address } from "./address.ts";
import type { Quote } from "./quoting.ts";
import { ADVICE, type Reason } from "./reason_codes.ts";
import type { ReasonPolicy } from "./reason_policy.ts";
import type { Route } from "./route.ts";

/** A broker that was dialled. */
export interface Peer {
  readonly address: Address;
  /** Makes its words fit to be shown. */
  readonly quote: Quote;
  /** Says what its reason codes mean. */
  readonly reasons: ReasonPolicy;
  /** Where the next connection goes. */
  readonly route: Route;
  /** What people should know about it; all of it once it has answered. */
  readonly warnings: () => readonly ConnectionWarning[];
}

/** Why a broker ended a connection. */
export interface Dismissal {
  readonly code: number;
  readonly reason: Reason;
  /** The Server Reference (§4.11), if it gave one. */
  readonly reference: string | undefined;
}

/** What a dismissal says about the next connection; a redirect is noted. */
export function adviceOf(
  { code, reason, reference }: Dismissal,
  { address, route }: Peer,
): Advice {
  if (reason.class !== "redirect" || route.follow(reference, address)) {
    return ADVICE[reason.class];
  }
  // Nowhere else to go: it may pass, or somebody must change the address.
  return code === SERVER_MOVED ? "config" : "soon";
}

const SERVER_MOVED = 0x9d;
