/**
 * A relay in a process of its own that tells how it is when it is asked, until
 * its parent ends it.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import process from "node:process";
import { orderOf } from "../program.ts";
import type { RelayOrder } from "./relay.ts";

/** How the relay's process is. */
export interface Vitals {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** What a commit survives, as the relay read it from the database. */
  readonly durability: string | null;
}

const { path, brokerUrl } = orderOf<RelayOrder>();
const relay = createRelay({
  storage: libsqlStorage(path),
  transport: mqttTransport(brokerUrl),
});
process.on("message", () => {
  const { rss, heapUsed } = process.memoryUsage();
  const { durability } = relay.status();
  const vitals: Vitals = {
    rssBytes: rss,
    heapUsedBytes: heapUsed,
    durability: durability && JSON.stringify(durability),
  };
  process.send?.(vitals);
});
process.on("disconnect", () => void relay.stop());
await relay.run();
