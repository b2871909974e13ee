/**
 * For how long a message is still of use goes out as the Message Expiry
 * Interval (MQTT 5 §3.3.2.3.3).
 */

import { expect, test } from "vitest";
import { line } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

test.each([
  [90_000, 90],
  [1_001, 2],
  [1_000, 1],
  [0.25, 1],
  [-3, 1],
  [315_360_000_000, 315_360_000],
  [1e300, 4_294_967_295],
])("%d ms are %d s", async (remainingMs, seconds) => {
  const { broker, connection } = await line();
  await connection.send(sampleMessage(), { remainingMs });
  expect(broker.published[0]?.properties?.messageExpiryInterval).toBe(seconds);
});

test("a message without a limit has no interval", async () => {
  const { broker, connection } = await line();
  await connection.send(sampleMessage({ ttlMs: 5 }), {});
  await connection.send(sampleMessage({ ttlMs: 5 }));
  for (const { properties } of broker.published) {
    expect(properties).not.toHaveProperty("messageExpiryInterval");
  }
});

test("3.1.1 has no interval, and the message goes out", async () => {
  const { broker, connection } = await line({ protocol: 4 });
  const outcome = await connection.send(sampleMessage(), { remainingMs: 5 });
  expect(outcome).toMatchObject({ kind: "delivered" });
  expect(broker.published).toHaveLength(1);
});

test("its bytes count for the Maximum Packet Size", async () => {
  const message = sampleMessage();
  const fits = await sizeOf(message);
  const { connection } = await line({
    welcome: { properties: { maximumPacketSize: fits } },
  });
  expect(await connection.send(message)).toMatchObject({ kind: "delivered" });
  expect(await connection.send(message, { remainingMs: 1 })).toMatchObject({
    kind: "dead",
    failure: { code: "PACKET_TOO_LARGE" },
  });
});

/** The size of a message's packet, found by what is refused. */
async function sizeOf(message: ReturnType<typeof sampleMessage>) {
  const { connection } = await line({
    welcome: { properties: { maximumPacketSize: 20 } },
  });
  const outcome = await connection.send(message);
  const reason = "failure" in outcome ? outcome.failure.reason : "";
  return Math.max(...(reason.match(/\d+/g) ?? []).map(Number));
}
