/**
 * The broker that needs no server to be installed.
 *
 * It speaks MQTT 3.1.1, and keeps sessions and messages in memory: whatever it
 * has acknowledged is lost with its process.
 *
 * @module
 */

import { Aedes } from "aedes";
import { createServer } from "node:net";
import { listening } from "./listening.ts";

/** Starts it in this process and resolves with its URL. */
export async function startEmbeddedBroker(): Promise<string> {
  const broker = await Aedes.createBroker();
  const port = await listening(createServer(broker.handle));
  return `mqtt://127.0.0.1:${port}`;
}
