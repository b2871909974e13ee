/** A relay that measures what it does to its own process. */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { type LoopFigures, startLoopMeter } from "./loop_meter.ts";
import { leave, nextOrder, report } from "./parent.ts";

/** What to run. */
export interface MeteredOrder {
  readonly path: string;
  readonly url: string;
  /** Whether to connect once before: mqtt.js loads a part of itself only then. */
  readonly warmUp: boolean;
}

/** What it says. */
export type MeteredReport =
  | { readonly type: "ready" }
  /** From the call of `run` to the first acknowledgement. */
  | { readonly type: "first"; readonly afterMs: number }
  | {
    readonly type: "figures";
    readonly delivered: number;
    /** How often the database was locked. */
    readonly busy: number;
    /** The most memory above that of the loaded program, in bytes. */
    readonly grownBytes: number;
    readonly loop: LoopFigures;
  };

const told = nextOrder<MeteredOrder>();
report({ type: "ready" });
const { path, url, warmUp } = await told;
const transport = mqttTransport(url);
if (warmUp) {
  const { signal } = new AbortController();
  const connection = await transport.connect({ identity: "warm-up", signal });
  await connection.close();
}

let delivered = 0;
let busy = 0;
const relay = createRelay({
  storage: libsqlStorage(path),
  transport,
  observe: (event) => {
    if (event.type === "message.delivered" && ++delivered === 1) {
      report({ type: "first", afterMs: performance.now() - startedAtMs });
    }
    if (event.type === "store.failed" && event.code === "STORAGE_BUSY") busy++;
  },
});
const idleBytes = process.memoryUsage.rss();
let mostBytes = idleBytes;
setInterval(() => {
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
}, 20).unref();
process.on("SIGTERM", () => void relay.stop());

const figures = startLoopMeter();
const startedAtMs = performance.now();
await relay.run();
report({
  type: "figures",
  delivered,
  busy,
  grownBytes: mostBytes - idleBytes,
  loop: figures(),
});
leave();
