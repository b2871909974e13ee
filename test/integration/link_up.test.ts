/**
 * The network is back: how long it takes until the first message leaves.
 */

import { createRelay, type RelayEvent } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { connectAsync } from "mqtt";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { createRig, message } from "../storage/rig.ts";

const LIMIT_MS = 1_000;

test(
  `a relay that was told that the network is back publishes within ${LIMIT_MS} ms, and told of the outage once`,
  { timeout: 30_000 },
  async ({ skip }) => {
    skip(withoutMosquitto, "mosquitto is not installed");
    const rig = await createRig();
    const { port, stop } = await startMosquitto();
    await stop();
    await rig.commit(message());
    const events: RelayEvent[] = [];
    const { storage } = rig;
    const relay = createRelay({
      storage,
      transport: mqttTransport(`mqtt://127.0.0.1:${port}`),
      // Nobody waits for this back-off to end by itself.
      reconnectBaseMs: 600_000,
      reconnectCapMs: 600_000,
      observe: (event) => events.push(event),
    });
    const running = relay.run();
    await eventually(
      () => relay.status().link.kind === "waiting",
      "the end of the first try",
    );
    await pause(200);
    const broker = await startMosquitto({ port });
    onTestFinished(() => broker.stop());
    const upMs = performance.now();
    relay.online();
    await eventually(
      () => relay.status().counters.delivered === 1,
      "the first message",
    );
    const firstMs = performance.now() - upMs;
    const bareMs = await bareConnectMs(broker.url);
    console.info(
      `network back to first acknowledgement: ${firstMs.toFixed(1)} ms; ` +
        `a bare mqtt.js connects in ${bareMs.toFixed(1)} ms`,
    );
    expect(firstMs).toBeLessThan(LIMIT_MS);
    expect(events.filter(({ type }) => type === "transport.unavailable"))
      .toHaveLength(1);
    await relay.stop();
    await running;
  },
);

/** How long mqtt.js alone takes to connect; loaded and warm, as the relay's is. */
async function bareConnectMs(url: string): Promise<number> {
  const startedAtMs = performance.now();
  const client = await connectAsync(url, { protocolVersion: 5 });
  const connectedAtMs = performance.now();
  await client.endAsync(true);
  return connectedAtMs - startedAtMs;
}
