/**
 * Brokers far away: ports of this machine behind which they are the given round
 * trips off. A process of its own, so that its timers wait for nobody's work;
 * until its parent ends it.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import process from "node:process";
import { orderOf } from "../program.ts";

/** Where a broker is, and how far it shall be. */
export interface Leg {
  readonly brokerUrl: string;
  readonly roundTripMs: number;
}

/** Where they are now, in the order of the legs. */
export interface DistanceReport {
  readonly ports: readonly number[];
}

/** A timer fires up to so much late, and about half of it in the mean. */
const TIMER_LATE_MS = 0.5;

const ports: number[] = [];
for (const { brokerUrl, roundTripMs } of orderOf<readonly Leg[]>()) {
  const brokerPort = Number(new URL(brokerUrl).port);
  const server = createServer((near) => {
    const far = connect(brokerPort, "127.0.0.1");
    carry(near, far, roundTripMs / 2);
    carry(far, near, roundTripMs / 2);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ports.push((server.address() as AddressInfo).port);
}
process.on("disconnect", () => process.exit(0));
process.send?.({ ports } satisfies DistanceReport);

/** Hands on what arrives and the end, each so much later: however much is under way. */
function carry(from: Socket, to: Socket, delayMs: number): void {
  from.setNoDelay(true);
  const later = (then: () => void) =>
    setTimeout(then, Math.max(0, delayMs - TIMER_LATE_MS));
  from.on("data", (bytes) => later(() => to.write(bytes)));
  from.on("end", () => later(() => to.end()));
  // An error is followed by "close".
  from.on("error", () => {});
  from.on("close", () => later(() => to.destroy()));
}
