/**
 * A relay in a process of its own, until its parent ends it.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import process from "node:process";
import { orderOf } from "../program.ts";

/** Where the relay works. */
export interface RelayOrder {
  readonly path: string;
  readonly brokerUrl: string;
}

const { path, brokerUrl } = orderOf<RelayOrder>();
const relay = createRelay({
  storage: libsqlStorage(path),
  transport: mqttTransport(brokerUrl),
});
process.on("disconnect", () => void relay.stop());
await relay.run();
