/**
 * Ourselves, measured as the others are. In order per key.
 *
 * Not in the folder of the peers, which is a package of its own once they are
 * installed, and has no name for us.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import { createOutbox, createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { meterRead } from "./reading.ts";
import { eventOf, type OpenPeer } from "./peers/peer.ts";

/** Opens an outbox; the application's connection is at a level, the relay's always at FULL. */
export function mailboat(synchronous: "FULL" | "NORMAL"): OpenPeer {
  return async ({ path, brokerUrl }) => {
    const client = createClient({ url: `file:${path}` });
    await client.execute("PRAGMA journal_mode=WAL");
    await client.execute(`PRAGMA synchronous=${synchronous}`);
    const storage = libsqlStorage(client);
    await storage.migrate();
    const outbox = createOutbox({ storage });
    const transport = mqttTransport(brokerUrl);
    const relay = createRelay({ storage, transport });
    let running: Promise<void> | undefined;
    return {
      async enqueue(n) {
        const { statements } = await outbox.prepare(meterRead(eventOf(n)));
        await client.batch([...statements], "write");
      },
      start() {
        running = relay.run();
      },
      async stop() {
        await relay.stop();
        await running;
        client.close();
      },
    };
  };
}
