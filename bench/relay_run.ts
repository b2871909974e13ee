/**
 * A relay that empties an outbox, as an application would run it.
 *
 * @module
 */

import {
  createRelay,
  type RelayOptions,
  type StorageBase,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";

/** What is emptied, and how. */
export interface RelayRunOptions {
  readonly path: string;
  readonly brokerUrl: string;
  readonly events: number;
  /** Makes the storage on the path; that of libSQL otherwise. */
  readonly storageAt?: (path: string) => StorageBase;
  /** The transport's options; the defaults otherwise. */
  readonly mqtt?: MqttTransportOptions;
  /** The relay's options; the defaults otherwise. */
  readonly relay?: Omit<RelayOptions, "storage" | "transport">;
}

const BUDGET_MS = 600_000;

/**
 * Empties the outbox; resolves with how long that took, connecting, recording
 * and giving back the lease included, in ms.
 */
export async function relayRun(options: RelayRunOptions): Promise<number> {
  const { path, brokerUrl, events, mqtt = {}, relay: own = {} } = options;
  const { storageAt = libsqlStorage } = options;
  const relay = createRelay({
    ...own,
    storage: storageAt(path),
    transport: mqttTransport(brokerUrl, mqtt),
  });
  const beganMs = performance.now();
  const { reason, delivered } = await relay.drain({ budgetMs: BUDGET_MS });
  const tookMs = performance.now() - beganMs;
  if (reason === "empty" && delivered === events) return tookMs;
  throw new Error(
    `The relay delivered ${delivered} of ${events} events (${reason})`,
  );
}
