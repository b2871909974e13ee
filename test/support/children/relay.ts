/** A relay, and nothing else. It is loaded first, and runs when it is told to. */

import {
  createRelay,
  exponentialRetry,
  type RelayEvent,
  type StorageBase,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { leave, nextOrder, report } from "./parent.ts";
import type { RelayOrder } from "./relay_orders.ts";

const told = nextOrder<RelayOrder>();
report({ type: "ready" });
const { path, url, window = 16, relay: options, ...order } = await told;

const frequent: readonly RelayEvent["type"][] = ["message.delivered", "settled"]
  .filter((type) => !order.tell?.some((wanted) => wanted === type)) as never;
const relay = createRelay({
  ...options,
  storage: order.hints === false
    ? blind(libsqlStorage(path))
    : libsqlStorage(path),
  transport: mqttTransport(url, { window }),
  ...(order.retry && { retry: exponentialRetry(order.retry) }),
  observe: (event) => {
    if (!frequent.includes(event.type)) report(event);
  },
});

let { graceMs = 5_000 } = order;
process.on("SIGTERM", () => {
  void relay.stop({ graceMs });
  graceMs = 0;
});
await relay.run();
leave();

function blind(storage: StorageBase): StorageBase {
  return { migrate: () => storage.migrate(), open: () => storage.open() };
}
