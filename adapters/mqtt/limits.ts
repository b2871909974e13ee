/**
 * What a broker is able to take, and what is therefore never put on the wire:
 * a packet beyond a limit ends the connection for every message on it, and
 * would do so again after every reconnect.
 *
 * @module
 */

import { type MessageLimits, misfitOf, type SendFailure } from "../../mod.ts";
import type {
  MeasuredPublication,
  Publication,
  PublicationProperties,
} from "./publish_packet.ts";
import { stringFault } from "./utf8_string.ts";

/** The limits that a broker declares in its CONNACK (MQTT 5 §3.2.2.3). */
export interface Limits {
  /** Unacknowledged messages (§3.2.2.3.3). */
  readonly receiveMaximum: number;
  /** The highest quality of service (§3.2.2.3.4). */
  readonly maximumQos: number;
  /** Whether it keeps retained messages (§3.2.2.3.5). */
  readonly retainAvailable: boolean;
  /** The largest packet, in bytes (§3.2.2.3.6). */
  readonly maximumPacketBytes: number;
  /** The greatest topic alias (§3.2.2.3.8). */
  readonly topicAliasMaximum: number;
}

/** The properties of a CONNACK that say so; 3.1.1 has none. */
export interface LimitProperties {
  readonly receiveMaximum?: number;
  readonly maximumQoS?: number;
  readonly retainAvailable?: boolean;
  readonly maximumPacketSize?: number;
  readonly topicAliasMaximum?: number;
}

/** Reads the limits; a value of 0, which the standard forbids, is none. */
export function limitsOf(
  properties: LimitProperties | undefined,
  documentedPacketBytes: number = MAX_PACKET_BYTES,
): Limits {
  return {
    receiveMaximum: properties?.receiveMaximum || 65_535,
    maximumQos: properties?.maximumQoS ?? 2,
    retainAvailable: properties?.retainAvailable ?? true,
    maximumPacketBytes: Math.min(
      properties?.maximumPacketSize || MAX_PACKET_BYTES,
      documentedPacketBytes,
    ),
    topicAliasMaximum: properties?.topicAliasMaximum ?? 0,
  };
}

/** Why a publication can never be accepted by this broker, or `null`. */
export function obstacle(
  publication: Publication,
  limits: Limits,
): SendFailure | null {
  const { topic, qos, retain, properties } = publication;
  const topicFault = topicNameFault(topic);
  if (topicFault !== null) {
    return { code: "INVALID_TOPIC", reason: `The topic ${topicFault}` };
  }
  const propertyFault = properties && propertiesFault(properties);
  if (propertyFault !== null) {
    return { code: "INVALID_PROPERTY", reason: propertyFault };
  }
  if (!(qos === 1 || qos === 2) || qos > limits.maximumQos) {
    return {
      code: "QOS_UNSUPPORTED",
      reason: `QoS ${qos} is not among the broker's, 1 to ${limits.maximumQos}`,
    };
  }
  if (retain && !limits.retainAvailable) {
    const reason = "The broker keeps no retained messages";
    return { code: "RETAIN_UNSUPPORTED", reason };
  }
  return null;
}

/** Why a publication is beyond the documented limits of the broker, or `null`. */
export function misfit(
  publication: Publication,
  profile: MessageLimits | null,
): SendFailure | null {
  const fault = profile === null ? null : misfitOf(publication, profile);
  if (fault === null) return null;
  const { field, required, found } = fault;
  return {
    code: "BEYOND_PROFILE",
    reason: `The ${field} must be ${required}: current value is ${found}`,
  };
}

/** Why a packet is too large for this broker as it is sent, or `null`. */
export function excess(
  { packetBytes }: MeasuredPublication,
  { maximumPacketBytes }: Limits,
): SendFailure | null {
  if (packetBytes <= maximumPacketBytes) return null;
  return {
    code: "PACKET_TOO_LARGE",
    reason:
      `The packet has ${packetBytes} bytes, the broker takes ${maximumPacketBytes}`,
  };
}

/** A remaining length of four bytes, and the fixed header (MQTT 5 §2.1.4). */
const MAX_PACKET_BYTES = 268_435_455 + 5;

/** The longest binary data (MQTT 5 §1.5.6). */
const MAX_BINARY_BYTES = 65_535;

/** MQTT 5 §3.3.2.1 and §4.7.3. */
function topicNameFault(topic: string): string | null {
  const fault = stringFault(topic);
  if (fault !== null) return fault;
  if (topic === "") return "is empty";
  return /[+#]/.test(topic) ? "has a wildcard" : null;
}

function propertiesFault(properties: PublicationProperties): string | null {
  const { contentType, responseTopic, correlationData, userProperties } =
    properties;
  const fault = contentType === null ? null : stringFault(contentType);
  if (fault !== null) return `The content type ${fault}`;
  const topicFault = responseTopic === null
    ? null
    : topicNameFault(responseTopic);
  if (topicFault !== null) return `The response topic ${topicFault}`;
  if ((correlationData?.length ?? 0) > MAX_BINARY_BYTES) {
    return `The correlation data has over ${MAX_BINARY_BYTES} bytes`;
  }
  for (const [name, value] of userProperties) {
    const fault = stringFault(name) ?? stringFault(value);
    if (fault !== null) return `A user property ${fault}`;
  }
  return null;
}
