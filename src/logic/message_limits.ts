/**
 * What a broker is known to take, so that a message beyond it is refused when
 * it is enqueued, and not after it has waited for the link.
 *
 * @module
 */

import { type ErrorCode, InputError, shorten } from "../errors.ts";
import type { NewMessage } from "../message.ts";
import { checkedNumber } from "./options.ts";

/** The limits of a broker; what is left out has none but those of MQTT. */
export interface MessageLimits {
  /** Who sets them, for errors: `AWS IoT Core`. */
  readonly name: string;
  /** The longest topic, in bytes of UTF-8. */
  readonly maxTopicBytes?: number;
  /** The most levels of a topic: its slashes and one. */
  readonly maxTopicLevels?: number;
  /** The largest payload, in bytes. */
  readonly maxPayloadBytes?: number;
  /**
   * The largest packet, in bytes. Topic and payload are known when a message
   * is enqueued; what goes along with them is not, and counts when it is sent.
   */
  readonly maxPacketBytes?: number;
  /** The highest quality of service. */
  readonly maxQos?: 1 | 2;
  /** `false` where it keeps no retained messages. */
  readonly retain?: boolean;
}

/** A message beyond a limit. */
export interface Misfit {
  /** The code of the error that it becomes. */
  readonly code: ErrorCode;
  /** What is beyond it. */
  readonly field: "topic" | "payload" | "qos" | "retain";
  /** What the limit demands. */
  readonly required: string;
  /** What the message has. */
  readonly found: string;
}

/** What limits are about. */
export type Measured = Pick<NewMessage, "topic" | "payload" | "qos" | "retain">;

/** Returns how a message breaks a limit, or `null`. */
export function misfitOf(
  { topic, payload, qos, retain }: Measured,
  limits: MessageLimits,
): Misfit | null {
  const { name, maxPacketBytes = Infinity } = limits;
  const topicBytes = new TextEncoder().encode(topic).length;
  const levels = topic.split("/").length;
  const room = Math.min(
    limits.maxPayloadBytes ?? Infinity,
    maxPacketBytes - topicBytes,
  );
  const invalid = "INVALID_EVENT";
  if (topicBytes > (limits.maxTopicBytes ?? Infinity)) {
    return {
      code: "INVALID_TOPIC",
      field: "topic",
      required: `at most ${limits.maxTopicBytes} bytes for ${name}`,
      found: `${topicBytes} bytes`,
    };
  }
  if (levels > (limits.maxTopicLevels ?? Infinity)) {
    return {
      code: "INVALID_TOPIC",
      field: "topic",
      required: `at most ${limits.maxTopicLevels} levels for ${name}`,
      found: `${levels} levels`,
    };
  }
  if (payload.length > room) {
    return {
      code: "PAYLOAD_TOO_LARGE",
      field: "payload",
      required: `at most ${room} bytes for ${name}`,
      found: `${payload.length} bytes`,
    };
  }
  if (qos > (limits.maxQos ?? 2)) {
    const required = `${limits.maxQos} for ${name}: define the event so`;
    return { code: invalid, field: "qos", required, found: `${qos}` };
  }
  if (retain && limits.retain === false) {
    const required = `false for ${name}: define the event so`;
    return { code: invalid, field: "retain", required, found: "true" };
  }
  return null;
}

/**
 * Refuses a message beyond a limit.
 *
 * @throws {InputError} `INVALID_TOPIC`, `PAYLOAD_TOO_LARGE` or `INVALID_EVENT`.
 */
export function requireFit(
  action: string,
  message: Measured,
  limits: MessageLimits,
): void {
  const misfit = misfitOf(message, limits);
  if (misfit === null) return;
  const { code, ...rest } = misfit;
  throw new InputError(code, { action, ...rest });
}

/**
 * Returns checked limits.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function checkedLimits(
  action: string,
  limits: MessageLimits,
): MessageLimits {
  const refuse = (field: string, required: string, found: unknown): never => {
    const refusal = { action, field, required, found: shorten(found) };
    throw new InputError("INVALID_OPTION", refusal);
  };
  if (typeof limits !== "object" || limits === null) {
    return refuse("limits", "an object with a name", limits);
  }
  const { name, maxQos = 2, retain = true } = limits;
  if (typeof name !== "string" || name === "") {
    return refuse("limits.name", "a text", name);
  }
  if (maxQos !== 1 && maxQos !== 2) {
    return refuse("limits.maxQos", "1 or 2, as nothing is sent by 0", maxQos);
  }
  if (typeof retain !== "boolean") {
    return refuse("limits.retain", "true or false", retain);
  }
  const bound = (option: (typeof NUMBERS)[number]): number =>
    checkedNumber({
      action,
      option: `limits.${option}`,
      value: limits[option],
      default: Number.MAX_SAFE_INTEGER,
      min: 1,
    });
  return {
    name,
    maxQos,
    retain,
    maxTopicBytes: bound("maxTopicBytes"),
    maxTopicLevels: bound("maxTopicLevels"),
    maxPayloadBytes: bound("maxPayloadBytes"),
    maxPacketBytes: bound("maxPacketBytes"),
  };
}

const NUMBERS = [
  "maxTopicBytes",
  "maxTopicLevels",
  "maxPayloadBytes",
  "maxPacketBytes",
] as const;
