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

/** A broker inside this process. */
export interface EmbeddedBroker {
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends it, with every connection; until then the process stays. */
  stop(): Promise<void>;
}

/** Starts it in this process, on a free port. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  const port = await listening(server);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}
