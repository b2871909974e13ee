/**
 * The package mqtt.js, which the application installs.
 *
 * @module
 */

import type { connect } from "mqtt";
import { dependency, reasonOf, TransportError } from "../../mod.ts";

/** What is taken of it. */
export interface MqttJs {
  readonly connect: typeof connect;
}

/**
 * Loads it.
 *
 * @throws {TransportError} `DEPENDENCY_MISSING` where it cannot be.
 */
export async function mqttJs(): Promise<MqttJs> {
  try {
    return await dependency({
      action: "connect to the broker",
      name: "mqtt",
      // Its build for browsers and workers has no other export.
      load: async () => (await import("mqtt")).default,
    });
  } catch (cause) {
    const message = reasonOf(cause);
    throw new TransportError("DEPENDENCY_MISSING", message, cause, "config");
  }
}

/**
 * Begins to load it, so that a relay that takes over need not wait for that:
 * it takes longer than connecting. Who connects is told of a failure.
 */
export function beginToLoad(): void {
  mqttJs().catch(() => {});
}
