/**
 * The reason code policy: the table, and what the user wants otherwise.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import {
  hexOf,
  type Reason,
  type ReasonClass,
  type ReasonPacket,
  REASONS,
  UNKNOWN_REASON,
} from "./reason_codes.ts";

/** Classes to use instead of the table's, by packet and code. */
export type ReasonCodeOptions = {
  readonly [Packet in ReasonPacket]?: Readonly<Record<number, ReasonClass>>;
};

/** Says what a reason code means. */
export type ReasonPolicy = (packet: ReasonPacket, code: number) => Reason;

const OF_A_MESSAGE = ["transient", "slow", "permanent", "limit", "reset"];

/** The classes that make sense for a packet, beside the one in the table. */
const CLASSES: Readonly<Record<ReasonPacket, readonly string[]>> = {
  connack: ["transient", "slow", "config"],
  puback: OF_A_MESSAGE,
  pubrec: OF_A_MESSAGE,
  // The broker took the message at PUBREC already (§4.3.3).
  pubcomp: ["ok", "transient", "slow", "reset"],
  suback: ["transient", "slow", "config"],
  disconnect: ["transient", "at-once", "slow", "limit", "suspect", "config"],
};

/**
 * Returns the policy with the user's overrides.
 *
 * @throws {InputError} `INVALID_OPTION` for an unknown packet or code, and for
 * a class that makes no sense there.
 */
export function reasonPolicyOf(
  action: string,
  overrides: ReasonCodeOptions = {},
): ReasonPolicy {
  const refuse = (field: string, required: string, found: unknown): never => {
    const code = "INVALID_OPTION";
    throw new InputError(code, {
      action,
      field,
      required,
      found: shorten(found),
    });
  };
  const packets = `an object with ${Object.keys(REASONS).join(", ")}`;
  if (typeof overrides !== "object" || overrides === null) {
    return refuse("reasonCodes", packets, overrides);
  }
  const changed = new Map<string, Reason>();
  for (const [packet, classes] of Object.entries(overrides)) {
    const field = `reasonCodes.${packet}`;
    if (!isPacket(packet)) return refuse("reasonCodes", packets, packet);
    const codes = Object.keys(REASONS[packet]).map((code) => hexOf(+code));
    const known = `an object with codes of ${codes.join(", ")}`;
    if (typeof classes !== "object" || classes === null) {
      return refuse(field, known, classes);
    }
    for (const [key, value] of Object.entries(classes)) {
      const reason = isByte(key) ? REASONS[packet][Number(key)] : undefined;
      if (reason === undefined) return refuse(field, known, key);
      const allowed = classesFor(packet, Number(key), reason);
      if (!allowed.includes(value)) {
        const required = allowed.length === 1
          ? allowed[0]!
          : `one of ${allowed.join(", ")}`;
        return refuse(`${field}[${hexOf(Number(key))}]`, required, value);
      }
      changed.set(`${packet} ${Number(key)}`, { ...reason, class: value });
    }
  }
  return (packet, code) =>
    changed.get(`${packet} ${code}`) ?? REASONS[packet][code] ?? UNKNOWN_REASON;
}

function isPacket(name: string): name is ReasonPacket {
  return Object.hasOwn(REASONS, name);
}

/** In decimal, as object literals have it, or as the standard writes it. */
function isByte(key: string): boolean {
  return /^(\d{1,3}|0x[0-9a-f]{1,2})$/i.test(key);
}

/** Success is a success; everything else has the packet's classes. */
function classesFor(
  packet: ReasonPacket,
  code: number,
  reason: Reason,
): readonly string[] {
  if (reason.class === "ok" && code < 0x10) return ["ok"];
  return [...new Set([reason.class, ...CLASSES[packet]])];
}
