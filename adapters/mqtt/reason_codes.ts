/**
 * The reason codes of MQTT: what each means to one who publishes, or subscribes.
 *
 * @module
 */

import type { Advice } from "../../mod.ts";

/** The packets by which a broker gives a reason. */
export type ReasonPacket =
  | "connack"
  | "puback"
  | "pubrec"
  | "pubcomp"
  | "suback"
  | "disconnect";

/**
 * What is done about a reason code.
 *
 * - `ok`: the broker has the message.
 * - `transient`: it may work another time; a message costs an attempt, and is
 *   dead when the retry policy says so.
 * - `at-once`: the connection ended for a reason that is over already.
 * - `slow`: authorisation or quota: waits for minutes, drops nothing.
 * - `permanent`: this message will never be taken: it is dead.
 * - `limit`: too much at a time: sends less at a time, and then more again.
 * - `reset`: both sides disagree about the session: connects anew.
 * - `suspect`: probably caused by a message on its way: looks for it.
 * - `config`: only people can mend it; tries minutes apart go on.
 * - `redirect`: the broker names another server.
 */
export type ReasonClass =
  | "ok"
  | "transient"
  | "at-once"
  | "slow"
  | "permanent"
  | "limit"
  | "reset"
  | "suspect"
  | "config"
  | "redirect";

/** A row of the table. */
export interface Reason {
  /** As the standard has it. */
  readonly name: string;
  readonly class: ReasonClass;
  /** The section of MQTT 5 or 3.1.1; `null` for what the standard lacks. */
  readonly section: string | null;
  /** What people should know or do, where the name does not say it. */
  readonly hint?: string;
}

type Rows = Readonly<Record<number, Reason>>;

function rows(
  section: string | null,
  codes: Readonly<
    Record<number, readonly [ReasonClass, name: string, hint?: string]>
  >,
): Rows {
  return Object.fromEntries(
    Object.entries(codes).map(([code, [kind, name, hint]]) => [
      code,
      { name, class: kind, section, ...(hint === undefined ? {} : { hint }) },
    ]),
  );
}

const OF_THE_WILL = "it is about the will or the CONNECT packet";
const OF_SUBSCRIPTIONS = "it is about subscriptions";

/** The return codes of 3.1.1; a broker that knows no MQTT 5 answers so, too. */
// deno-fmt-ignore
const RETURN_CODES = rows("3.1.1 §3.2.2.3", {
  0x01: ["config", "Unacceptable protocol version", "try protocol: 4"],
  0x02: ["config", "Identifier rejected"],
  0x03: ["transient", "Server unavailable"],
  0x04: ["slow", "Bad user name or password"],
  0x05: ["slow", "Not authorized"],
});

// deno-fmt-ignore
const CONNACK = rows("§3.2.2.2", {
  0x00: ["ok", "Success"],
  0x80: ["transient", "Unspecified error"],
  0x81: ["config", "Malformed Packet"],
  0x82: ["config", "Protocol Error"],
  0x83: ["transient", "Implementation specific error"],
  0x84: ["config", "Unsupported Protocol Version", "try protocol: 4"],
  0x85: ["config", "Client Identifier not valid"],
  0x86: ["slow", "Bad User Name or Password"],
  0x87: ["slow", "Not authorized"],
  0x88: ["transient", "Server unavailable"],
  0x89: ["transient", "Server busy"],
  0x8a: ["slow", "Banned"],
  0x8c: ["config", "Bad authentication method"],
  0x90: ["config", "Topic Name invalid", OF_THE_WILL],
  0x95: ["config", "Packet too large", OF_THE_WILL],
  0x97: ["slow", "Quota exceeded"],
  0x99: ["config", "Payload format invalid", OF_THE_WILL],
  0x9a: ["config", "Retain not supported", OF_THE_WILL],
  0x9b: ["config", "QoS not supported", OF_THE_WILL],
  0x9c: ["redirect", "Use another server"],
  0x9d: ["redirect", "Server moved"],
  0x9f: ["transient", "Connection rate exceeded"],
});

/** PUBACK and PUBREC have the same codes (§3.5.2.1). */
// deno-fmt-ignore
const FIRST_ANSWER = {
  0x00: ["ok", "Success"],
  0x10: ["ok", "No matching subscribers"],
  0x80: ["transient", "Unspecified error"],
  0x83: ["transient", "Implementation specific error"],
  0x87: ["slow", "Not authorized"],
  0x90: ["permanent", "Topic Name invalid"],
  0x91: ["reset", "Packet Identifier in use"],
  0x97: ["limit", "Quota exceeded"],
  0x99: ["permanent", "Payload format invalid"],
} as const;

/** Mosquitto 2.0 answers so what is beyond its message_size_limit. */
const FOREIGN = rows(null, { 0x95: ["permanent", "Packet too large"] });

/** Every code that a broker may send, by packet. */
export const REASONS: Readonly<Record<ReasonPacket, Rows>> = {
  connack: { ...RETURN_CODES, ...CONNACK },
  puback: {
    ...rows("§3.4.2.1", FIRST_ANSWER),
    ...FOREIGN,
  },
  pubrec: {
    ...rows("§3.5.2.1", FIRST_ANSWER),
    ...FOREIGN,
  },
  pubcomp: rows("§3.7.2.1", {
    0x00: ["ok", "Success"],
    // It lost its half of the exchange, and perhaps the message with it.
    0x92: ["transient", "Packet Identifier not found"],
  }),
  suback: rows("§3.9.3", {
    0x00: ["config", "Granted QoS 0", "nothing would be acknowledged"],
    0x01: ["ok", "Granted QoS 1"],
    0x02: ["config", "Granted QoS 2", "QoS 1 was asked for"],
    // On 3.1.1 every refusal is this one.
    0x80: ["transient", "Unspecified error"],
    0x83: ["transient", "Implementation specific error"],
    0x87: ["slow", "Not authorized"],
    0x8f: ["config", "Topic Filter invalid"],
    0x91: ["transient", "Packet Identifier in use"],
    0x97: ["slow", "Quota exceeded"],
    0x9e: ["config", "Shared Subscriptions not supported"],
    0xa1: ["config", "Subscription Identifiers not supported"],
    0xa2: ["config", "Wildcard Subscriptions not supported"],
  }),
  // deno-fmt-ignore
  disconnect: rows("§3.14.2.1", {
    0x00: ["transient", "Normal disconnection"],
    0x80: ["transient", "Unspecified error"],
    0x81: ["suspect", "Malformed Packet"],
    0x82: ["suspect", "Protocol Error"],
    0x83: ["transient", "Implementation specific error"],
    0x87: ["suspect", "Not authorized"],
    0x89: ["transient", "Server busy"],
    0x8b: ["transient", "Server shutting down"],
    0x8d: ["at-once", "Keep Alive timeout"],
    0x8e: ["slow", "Session taken over", "another client connects with this client id"],
    0x8f: ["config", "Topic Filter invalid", OF_SUBSCRIPTIONS],
    0x90: ["suspect", "Topic Name invalid"],
    0x93: ["limit", "Receive Maximum exceeded"],
    0x94: ["suspect", "Topic Alias invalid", "the next connections use none"],
    0x95: ["suspect", "Packet too large"],
    0x96: ["limit", "Message rate too high"],
    0x97: ["limit", "Quota exceeded"],
    0x98: ["transient", "Administrative action"],
    0x99: ["suspect", "Payload format invalid"],
    0x9a: ["suspect", "Retain not supported"],
    0x9b: ["suspect", "QoS not supported"],
    0x9c: ["redirect", "Use another server"],
    0x9d: ["redirect", "Server moved"],
    0x9e: ["config", "Shared Subscriptions not supported", OF_SUBSCRIPTIONS],
    0x9f: ["limit", "Connection rate exceeded"],
    0xa0: ["at-once", "Maximum connect time"],
    0xa1: ["config", "Subscription Identifiers not supported", OF_SUBSCRIPTIONS],
    0xa2: ["config", "Wildcard Subscriptions not supported", OF_SUBSCRIPTIONS],
  }),
};

/**
 * What a code means that is not in the table. It is no delivery, though codes
 * below 0x80 are successes (§2.4): a broker that invents codes proves nothing.
 */
export const UNKNOWN_REASON: Reason = {
  name: "Unknown reason code",
  class: "transient",
  section: null,
};

/** What a class says about the connection. */
export const ADVICE: Readonly<Record<ReasonClass, Advice>> = {
  ok: "soon",
  transient: "soon",
  "at-once": "at-once",
  slow: "slow",
  permanent: "at-once",
  limit: "limit",
  reset: "soon",
  suspect: "suspect",
  config: "config",
  redirect: "at-once",
};

/** As the standard writes it: `0x8E`. */
export function hexOf(code: number): string {
  return `0x${code.toString(16).toUpperCase().padStart(2, "0")}`;
}
