/**
 * The relay process: moves messages from the outbox to the broker, and does
 * nothing else.
 *
 * @module
 */

import { createRelay, type RelayEvent } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import process from "node:process";
import * as v from "valibot";
import { joinParent } from "../stage/parent.ts";
import {
  type RelayConfig,
  relayConfig,
  type RelayReport,
} from "./process_protocol.ts";

const { config, parent } = await joinParent<RelayConfig, never, RelayReport>({
  config: relayConfig,
  order: v.never(),
});

const relay = createRelay({
  // The relay opens a connection of its own.
  storage: libsqlStorage(config.databaseUrl),
  transport: mqttTransport(config.brokerUrl, {
    protocol: config.mqttVersion,
  }),
  // A killed relay is replaced only when its lease has lapsed. Fifteen
  // seconds, the default, would be most of this show.
  leaseMs: config.leaseMs,
  // The broker is away for two seconds; do not wait for minutes afterwards.
  reconnectCapMs: 500,
  observe: (event) => {
    const report = reportOf(event);
    if (report !== null) parent.report(report);
  },
});

process.on("SIGTERM", () => void relay.stop());
await relay.run();
process.disconnect?.();

function reportOf(event: RelayEvent): RelayReport | null {
  switch (event.type) {
    case "store.opened":
      return { type: "ready" };
    case "lease.acquired":
      return { type: "took over", epoch: event.epoch };
    case "transport.connected":
      return { type: "connected", window: event.window };
    case "transport.lost":
      return { type: "cut off", inFlight: event.inFlight };
    case "message.delivered":
      return { type: "delivered" };
    case "store.failed":
      // The sampler writes to the same file; waiting for it is no trouble.
      return event.code === "STORAGE_BUSY"
        ? null
        : { type: "trouble", reason: event.reason };
    case "message.retry":
    case "message.dead":
      return { type: "trouble", reason: event.failure.reason };
    default:
      return null;
  }
}
