/**
 * The handshake: from a client that dials to a connection that may send, or to
 * the reason why not.
 *
 * @module
 */

import type {
  IConnackPacket,
  IDisconnectPacket,
  MqttClient,
  Packet,
} from "mqtt";
import { TransportError } from "../../mod.ts";
import { adviceOf, type Peer } from "./peer.ts";
import { messageOf, quoteError } from "./quoting.ts";
import { tlsFailureOf } from "./tls_failure.ts";
import { failureOf } from "./wording.ts";

/** What a handshake needs. */
export interface Handshake<T> {
  /** A client that has begun to connect. */
  readonly client: MqttClient;
  readonly peer: Peer;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /**
   * Takes over the client. Called in the turn of the event, so that nothing
   * the broker says next is missed.
   *
   * @throws {TransportError} to refuse the broker.
   */
  readonly accept: (connack: IConnackPacket) => T;
}

/**
 * Waits for the broker's answer to CONNECT. A client that fails is ended.
 *
 * @throws {TransportError} `TRANSPORT_REFUSED` when the broker says no,
 * `TRANSPORT_UNAVAILABLE` when it cannot be reached, closes the connection,
 * speaks another language, or says nothing until `signal` aborts.
 */
export function shakeHands<T>(handshake: Handshake<T>): Promise<T> {
  const { client, peer, signal, accept } = handshake;
  return new Promise<T>((resolve, reject) => {
    let connack: IConnackPacket | undefined;
    let broken: Error | undefined;
    const over = () => {
      signal.removeEventListener("abort", onAbort);
      client.off("packetreceive", onPacket).off("disconnect", onDisconnect)
        .off("connect", onConnect).off("error", onError).off("close", onClose);
      client.stream.off("error", onBreak);
    };
    const fail = (error: unknown) => {
      over();
      client.end(true);
      reject(error);
    };
    const onPacket = (packet: Packet) => {
      if (packet.cmd === "connack") connack = packet;
    };
    const onConnect = (packet: IConnackPacket) => {
      over();
      try {
        resolve(accept(packet));
      } catch (error) {
        fail(error);
      }
    };
    const onDisconnect = (packet: IDisconnectPacket) =>
      fail(refusal(peer, packet));
    const onError = (error: Error) =>
      fail(
        connack !== undefined && codeOf(connack) !== 0
          ? refusal(peer, connack)
          : unavailable(peer, "the connection failed", error),
      );
    // The client keeps most of what its stream says to itself.
    const onBreak = (error: Error) => broken = error;
    const onClose = () =>
      fail(unavailable(peer, "the broker closed the connection", broken));
    const onAbort = () =>
      fail(unavailable(peer, "the attempt was given up", signal.reason));

    client.on("packetreceive", onPacket).on("disconnect", onDisconnect)
      .on("connect", onConnect).on("error", onError).on("close", onClose);
    client.stream.on("error", onBreak);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

/** The error of an attempt that got no answer. */
export function unavailable(
  { address: { name }, quote }: Pick<Peer, "address" | "quote">,
  why: string,
  cause?: unknown,
): TransportError {
  const tls = tlsFailureOf(cause);
  const said = cause === undefined ? why : `${why}: ${messageOf(cause)}`;
  return new TransportError(
    "TRANSPORT_UNAVAILABLE",
    `Cannot connect to ${name} as ${quote(tls?.why ?? said)}`,
    cause === undefined ? undefined : quoteError(cause, quote),
    tls?.advice,
  );
}

function refusal(
  peer: Peer,
  packet: IConnackPacket | IDisconnectPacket,
): TransportError {
  const { address: { name }, quote, reasons } = peer;
  const code = codeOf(packet);
  const reason = reasons(packet.cmd, code);
  const text = packet.properties?.reasonString ?? "";
  const failure = failureOf({ code, reason, text }, quote);
  const reference = packet.properties?.serverReference;
  return new TransportError(
    "TRANSPORT_REFUSED",
    `Cannot connect to ${name} as the broker refused with ${failure.code}: ${failure.reason}`,
    undefined,
    adviceOf({ code, reason, reference }, peer),
  );
}

/** The reason code of MQTT 5, or the return code of 3.1.1. */
function codeOf(packet: IConnackPacket | IDisconnectPacket): number {
  if (packet.reasonCode !== undefined) return packet.reasonCode;
  return packet.cmd === "connack" ? packet.returnCode ?? 0 : 0;
}
