/**
 * The raw limit: mqtt.js publishing from memory, so many at a time.
 *
 * @module
 */

import { connectAsync, type IClientPublishOptions } from "mqtt";
import { readingOf } from "./reading.ts";

/** What is published. */
export interface PublishLoopOptions {
  readonly brokerUrl: string;
  readonly events: number;
  readonly keys: number;
  /** Messages that are unacknowledged at a time. */
  readonly window: number;
  /** Whether the attributes of a CloudEvent go along, as the relay sends them. */
  readonly attributes: boolean;
  /** Told of each acknowledgement. */
  readonly onAcknowledged?: () => void;
}

/** Publishes everything; resolves with how long it took, connecting aside, in ms. */
export async function publishLoop(
  options: PublishLoopOptions,
): Promise<number> {
  const { brokerUrl, events, keys, window, attributes, onAcknowledged } =
    options;
  const payloads = Array.from(
    { length: Math.min(events, keys) },
    (_, n) => Buffer.from(JSON.stringify(readingOf(n, keys))),
  );
  const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(client.stream);
  const beganMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let acknowledged = 0;
    const publish = () => {
      const n = sent++;
      const payload = payloads[n % keys]!;
      const qos1 = attributes ? withAttributes(n, keys) : { qos: 1 as const };
      client.publish(`meters/m-${n % keys}`, payload, qos1, (error) => {
        if (error) return reject(error);
        acknowledged += 1;
        onAcknowledged?.();
        if (acknowledged === events) resolve();
        else if (sent < events) publish();
      });
    };
    while (sent < Math.min(window, events)) publish();
  });
  const tookMs = performance.now() - beganMs;
  await client.endAsync(true);
  return tookMs;
}

/** The reference gets what the relay's own connection has. */
export function noDelay(stream: object): void {
  if ("setNoDelay" in stream && typeof stream.setNoDelay === "function") {
    stream.setNoDelay();
  }
}

function withAttributes(n: number, keys: number): IClientPublishOptions {
  return {
    qos: 1,
    properties: {
      contentType: "application/json",
      userProperties: {
        specversion: "1.0",
        id: "0198c2f6-5b1a-7c3d-9a41-0f6d2f3b7e10",
        source: "/mailboat",
        type: "meter.read",
        time: new Date(1_700_000_000_000 + n).toISOString(),
        partitionkey: `m-${n % keys}`,
        sequence: String(n).padStart(20, "0"),
      },
    },
  };
}
