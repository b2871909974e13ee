/**
 * What the processes of the saga tell each other.
 *
 * The first message to a process is its configuration. All that crosses a
 * process boundary is checked where it arrives.
 *
 * @module
 */

import * as v from "valibot";
import type { Market } from "./market.ts";

/** 5, or 4 for MQTT 3.1.1. */
export type MqttVersion = 4 | 5;

/** Configures a service. */
export interface ServiceConfig {
  readonly market: Market;
  readonly databaseUrl: string;
  readonly brokerUrl: string;
  readonly mqttVersion: MqttVersion;
}

export const serviceConfig: v.GenericSchema<ServiceConfig> = v.object({
  market: v.object({ shop: v.string(), orders: v.number(), seed: v.number() }),
  databaseUrl: v.string(),
  brokerUrl: v.string(),
  mqttVersion: v.picklist([4, 5]),
});

/** What a service says. */
export type ServiceReport =
  /** It hears the others. */
  | { readonly type: "ready" }
  /** It has handled an event, and that is committed. */
  | { readonly type: "handled" }
  /** The broker has taken an event, and that may not be recorded yet. */
  | { readonly type: "sent" }
  /** What it does of its own accord is done. */
  | { readonly type: "done" }
  | { readonly type: "trouble"; readonly reason: string };

export const serviceReport: v.GenericSchema<ServiceReport> = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("handled") }),
  v.object({ type: v.literal("sent") }),
  v.object({ type: v.literal("done") }),
  v.object({ type: v.literal("trouble"), reason: v.string() }),
]);

/** The broker process needs no configuration. */
export const brokerConfig: v.GenericSchema<object> = v.object({});

/** What the broker process says, once. */
export interface BrokerReport {
  readonly type: "ready";
  readonly url: string;
}

export const brokerReport: v.GenericSchema<BrokerReport> = v.object({
  type: v.literal("ready"),
  url: v.string(),
});
