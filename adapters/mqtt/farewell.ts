/**
 * Farewells: why a connection that was open has ended.
 *
 * @module
 */

import { type IDisconnectPacket, ReasonCodes } from "mqtt";
import type { SendFailure } from "../../mod.ts";
import type { Quote } from "./quoting.ts";
import { failureOf } from "./reason_codes.ts";

/** What a broker said before it ended the connection (MQTT 5 §3.14). */
export function farewell(packet: IDisconnectPacket, quote: Quote): SendFailure {
  const names: Readonly<Record<number, string>> = ReasonCodes;
  const code = packet.reasonCode ?? 0;
  const text = packet.properties?.reasonString ?? "";
  const name = code === 0 ? "The broker said goodbye" : names[code];
  return failureOf({ code, name, text }, quote);
}

/** An end without a word. */
export function lost(reason: string): SendFailure {
  return { code: "CONNECTION_LOST", reason };
}
