/**
 * Farewells: why a connection that was open has ended.
 *
 * @module
 */

import type { IDisconnectPacket } from "mqtt";
import type { SendFailure } from "../../mod.ts";
import { adviceOf, type Peer } from "./peer.ts";
import { failureOf } from "./wording.ts";

/** A farewell of the broker, and the state in which it came. */
export interface Farewell {
  readonly packet: IDisconnectPacket;
  readonly peer: Peer;
  /** How many messages are on their way, unanswered. */
  readonly unanswered: number;
}

const NOT_AUTHORIZED = 0x87;

/** What a broker said before it ended the connection (MQTT 5 §3.14). */
export function farewell(
  { packet, peer, unanswered }: Farewell,
): SendFailure {
  const { reasonCode: code = 0, properties } = packet;
  const reason = peer.reasons("disconnect", code);
  const text = properties?.reasonString ?? "";
  const failure = failureOf({ code, reason, text }, peer.quote);
  const reference = properties?.serverReference;
  const advice = adviceOf({ code, reason, reference }, peer);
  if (advice !== "suspect") return { ...failure, advice };
  if (unanswered > 0) {
    // Missing rights are not the message's fault.
    const isRights = code === NOT_AUTHORIZED;
    return { ...failure, advice, onceProven: isRights ? "defer" : "bury" };
  }
  // No message can have been the cause.
  return { ...failure, advice: code === NOT_AUTHORIZED ? "slow" : "soon" };
}

/** An end without a word. */
export function lost(reason: string): SendFailure {
  return { code: "CONNECTION_LOST", reason };
}

/**
 * The broker closed or reset the connection without a word. On 3.1.1 that is
 * all it can say about a message that it does not want (3.1.1 §3.3.5), and on
 * 5 it need not say more (5 §3.14, §4.13).
 */
export function closed(reason: string, unanswered: number): SendFailure {
  const failure = lost(reason);
  return unanswered > 0 ? { ...failure, advice: "silent" } : failure;
}

/** Whether an error means that the other side has closed the connection. */
export function isReset(error: Error & { readonly code?: unknown }): boolean {
  return error.code === "ECONNRESET" || error.code === "EPIPE";
}
