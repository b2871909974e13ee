/**
 * Subscribing: SUBSCRIBE out, and what SUBACK says (MQTT 5 §3.9.3).
 *
 * @module
 */

import type { MqttClient } from "mqtt";
import { shorten, TransportError } from "../../mod.ts";
import { unavailable } from "./handshake.ts";
import type { Peer } from "./peer.ts";
import { ADVICE } from "./reason_codes.ts";
import { failureOf } from "./wording.ts";

/** What is asked of a broker. */
export interface Wish {
  readonly topics: readonly string[];
  readonly peer: Peer;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
}

/**
 * Subscribes, also where the session has the subscriptions still: they may
 * have changed. Retained messages come with new subscriptions only (MQTT 5).
 *
 * @throws {TransportError} `TRANSPORT_REFUSED` when the broker refuses a
 * filter, or grants it at QoS 0; `TRANSPORT_UNAVAILABLE` without an answer.
 */
export async function ask(client: MqttClient, wish: Wish): Promise<void> {
  const { granted, properties } = await answerOf(client, wish);
  const { topics, peer } = wish;
  for (const [at, code] of granted.map(Number).entries()) {
    if (code === 1) continue;
    const topic = peer.quote(shorten(topics[at]));
    const reason = peer.reasons("suback", code);
    const text = properties?.reasonString ?? "";
    const failure = failureOf({ code, reason, text }, peer.quote);
    throw new TransportError(
      "TRANSPORT_REFUSED",
      `Cannot subscribe at ${peer.address.name} to ${topic} as the broker ` +
        `refused with ${failure.code}: ${failure.reason}`,
      undefined,
      ADVICE[reason.class],
    );
  }
}

/** A SUBACK, as far as it is read. */
interface Suback {
  readonly granted: readonly unknown[];
  readonly properties?: { readonly reasonString?: string } | undefined;
}

function answerOf(
  client: MqttClient,
  { topics, peer, signal }: Wish,
): Promise<Suback> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown) => {
      over();
      reject(unavailable(peer, why, cause));
    };
    const onClose = () => fail("the broker closed the connection");
    const onAbort = () => fail("the attempt was given up", signal.reason);
    const over = () => {
      client.off("close", onClose);
      signal.removeEventListener("abort", onAbort);
    };
    client.once("close", onClose);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) return onAbort();
    const options = { qos: 1, rh: 1 } as const;
    client.subscribe([...topics], options, (error, _, packet) => {
      // A refusal is an error to the client, and an answer to us.
      if (packet === undefined || packet.granted.length !== topics.length) {
        return fail("it took no subscription", error);
      }
      over();
      resolve(packet);
    });
  });
}
