/**
 * What the processes of the example tell each other.
 *
 * The first message to a process is its configuration. All that crosses a
 * process boundary is checked where it arrives.
 *
 * @module
 */

import * as v from "valibot";

/** 5, or 4 for MQTT 3.1.1. */
export type MqttVersion = 4 | 5;

const mqttVersion: v.GenericSchema<MqttVersion> = v.picklist([4, 5]);

/** Configures the broker process. */
export interface BrokerConfig {
  /** The broker to put the gate in front of; `null` starts one. */
  readonly url: string | null;
}

export const brokerConfig: v.GenericSchema<BrokerConfig> = v.object({
  url: v.nullable(v.string()),
});

/** What the broker process is told to do. */
export type BrokerOrder = "shut" | "open";

export const brokerOrder: v.GenericSchema<BrokerOrder> = v.picklist([
  "shut",
  "open",
]);

/** What the broker process says. */
export type BrokerReport =
  | {
    readonly type: "ready";
    /** Leads to the broker. */
    readonly url: string;
    /** Leads to the broker through the gate. */
    readonly gateUrl: string;
  }
  | { readonly type: "shut" };

export const brokerReport: v.GenericSchema<BrokerReport> = v.variant("type", [
  v.object({ type: v.literal("ready"), url: v.string(), gateUrl: v.string() }),
  v.object({ type: v.literal("shut") }),
]);

/** Configures the relay process. */
export interface RelayConfig {
  readonly databaseUrl: string;
  readonly brokerUrl: string;
  readonly mqttVersion: MqttVersion;
  readonly leaseMs: number;
}

export const relayConfig: v.GenericSchema<RelayConfig> = v.object({
  databaseUrl: v.string(),
  brokerUrl: v.string(),
  mqttVersion,
  leaseMs: v.number(),
});

/** What the relay process says: the events of its relay that the screen shows. */
export type RelayReport =
  | { readonly type: "ready" }
  | { readonly type: "took over"; readonly epoch: number }
  | { readonly type: "connected"; readonly window: number }
  | { readonly type: "cut off"; readonly inFlight: number }
  | { readonly type: "delivered" }
  | { readonly type: "trouble"; readonly reason: string };

export const relayReport: v.GenericSchema<RelayReport> = v.variant("type", [
  v.object({ type: v.literal("ready") }),
  v.object({ type: v.literal("took over"), epoch: v.number() }),
  v.object({ type: v.literal("connected"), window: v.number() }),
  v.object({ type: v.literal("cut off"), inFlight: v.number() }),
  v.object({ type: v.literal("delivered") }),
  v.object({ type: v.literal("trouble"), reason: v.string() }),
]);

/** Configures the consumer process. */
export interface ConsumerConfig {
  readonly brokerUrl: string;
  readonly mqttVersion: MqttVersion;
  /** The gateway whose readings it wants; also names its session. */
  readonly gateway: string;
}

export const consumerConfig: v.GenericSchema<ConsumerConfig> = v.object({
  brokerUrl: v.string(),
  mqttVersion,
  gateway: v.string(),
});

/** What the consumer process is told to do: end its session. */
export type ConsumerOrder = "finish";

export const consumerOrder: v.GenericSchema<ConsumerOrder> = v.literal(
  "finish",
);

/** A message that arrived. */
export interface Receipt {
  readonly device: string;
  readonly reading: number;
  readonly receivedAtMs: number;
}

/** What the consumer process says. */
export type ConsumerReport =
  | { readonly type: "ready" }
  | { readonly type: "unreachable"; readonly reason: string }
  | (Receipt & { readonly type: "received" })
  | { readonly type: "finished" };

export const consumerReport: v.GenericSchema<ConsumerReport> = v.variant(
  "type",
  [
    v.object({ type: v.literal("ready") }),
    v.object({ type: v.literal("unreachable"), reason: v.string() }),
    v.object({
      type: v.literal("received"),
      device: v.string(),
      reading: v.number(),
      receivedAtMs: v.number(),
    }),
    v.object({ type: v.literal("finished") }),
  ],
);
