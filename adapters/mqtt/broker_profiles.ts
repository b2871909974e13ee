/**
 * Broker profiles: the limits that vendors document, beyond those of MQTT.
 *
 * @module
 */

import { InputError, type MessageLimits, shorten } from "../../mod.ts";

/** A broker whose limits are known. */
export type BrokerProfile =
  | "aws-iot-core"
  | "azure-event-grid"
  | "hivemq"
  | "emqx"
  | "mosquitto";

/**
 * The limits by broker, for `limits` of `createOutbox`: only what a vendor
 * documents. What an operator changed is told by the broker when it connects,
 * where it can, and counts as well.
 *
 * - `aws-iot-core`: topics of 256 bytes and 7 slashes, payloads of 128 KiB
 *   ("AWS IoT Core endpoints and quotas",
 *   https://docs.aws.amazon.com/general/latest/gr/iot-core.html), no QoS 2
 *   ("MQTT", https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html).
 * - `azure-event-grid`: packets of 512 KiB, no QoS 2 ("MQTT features supported
 *   by Azure Event Grid's MQTT broker feature",
 *   https://learn.microsoft.com/en-us/azure/event-grid/mqtt-support), topics of
 *   15 levels ("What's new in Azure Event Grid?", May 2025,
 *   https://learn.microsoft.com/en-us/azure/event-grid/whats-new).
 * - `hivemq`: none of its own: the defaults are those of MQTT ("HiveMQ
 *   Configuration",
 *   https://docs.hivemq.com/hivemq/4.9/user-guide/configuration.html).
 * - `emqx`: packets of 1 MiB, topics of 128 levels ("MQTT Configuration",
 *   https://docs.emqx.com/en/emqx/latest/configuration/mqtt.html).
 * - `mosquitto`: topics of 200 levels ("ChangeLog", 1.6.6,
 *   https://github.com/eclipse-mosquitto/mosquitto/blob/master/ChangeLog.txt).
 */
export const brokerLimits: Readonly<Record<BrokerProfile, MessageLimits>> =
  Object.freeze({
    "aws-iot-core": {
      name: "AWS IoT Core",
      maxTopicBytes: 256,
      maxTopicLevels: 8,
      maxPayloadBytes: 131_072,
      maxQos: 1,
    },
    "azure-event-grid": {
      name: "Azure Event Grid",
      maxTopicLevels: 15,
      maxPacketBytes: 524_288,
      maxQos: 1,
    },
    "hivemq": { name: "HiveMQ" },
    "emqx": { name: "EMQX", maxTopicLevels: 128, maxPacketBytes: 1_048_576 },
    "mosquitto": { name: "Mosquitto", maxTopicLevels: 200 },
  });

/**
 * Returns the limits of a profile, or `null` without one.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function profileOf(
  action: string,
  profile: BrokerProfile | undefined,
): MessageLimits | null {
  if (profile === undefined) return null;
  if (Object.hasOwn(brokerLimits, profile)) return brokerLimits[profile];
  const names = Object.keys(brokerLimits).join(", ");
  throw new InputError("INVALID_OPTION", {
    action,
    field: "profile",
    required: `one of ${names}`,
    found: shorten(profile),
  });
}
