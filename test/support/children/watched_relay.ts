/** A relay that tells, whenever it is asked, what its process has used. */

import {
  createRelay,
  type RelayEvent,
  type RelayOptions,
  type RelayStatus,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { setImmediate as turn } from "node:timers/promises";
import { leave, nextOrder, report } from "./parent.ts";

/** What to run, first, and then what to do. */
export type WatchedOrder = WatchedTask | "look" | "stop";

/** What to run. */
export interface WatchedTask {
  readonly path: string;
  readonly url: string;
  readonly relay?: Pick<RelayOptions, "reconnectBaseMs" | "reconnectCapMs">;
}

/** What one look shows. */
export interface Look {
  readonly type: "look";
  /** JavaScript's memory after a collection, buffers included, in bytes. */
  readonly bytes: number;
  /** All memory of the process, in bytes. */
  readonly residentBytes: number;
  readonly status: RelayStatus;
}

/** What it says; of events, those that tell of the link. */
export type WatchedReport =
  | { readonly type: "ready" }
  | Look
  | Extract<RelayEvent, { type: `transport.${string}` }>;

const told = nextOrder<WatchedTask>();
report({ type: "ready" });
const { path, url, relay: options } = await told;
let next = nextOrder<WatchedOrder>();
const relay = createRelay({
  ...options,
  storage: libsqlStorage(path),
  transport: mqttTransport(url),
  observe: (event) => {
    if (event.type.startsWith("transport.")) report(event);
  },
});
const running = relay.run();
for (;;) {
  const order = await next;
  if (order === "stop") break;
  next = nextOrder<WatchedOrder>();
  report(await look());
}
await relay.stop();
await running;
leave();

async function look(): Promise<Look> {
  // What a finalizer lets go of is collected only after another turn.
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    type: "look",
    bytes: heapUsed + external,
    residentBytes: rss,
    status: relay.status(),
  };
}
