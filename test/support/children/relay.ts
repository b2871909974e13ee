/** A relay, and nothing else. It is loaded first, and runs when it is told to. */

import {
  createRelay,
  exponentialRetry,
  type RelayEvent,
  type StorageBase,
  type Transport,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import "@libsql/client/sqlite3";
import "mqtt";
import { sabotagedStorage } from "../sabotaged_storage.ts";
import { leave, nextOrder, report } from "./parent.ts";
import type { RelayOrder } from "./relay_orders.ts";

const told = nextOrder<RelayOrder>();
report({ type: "ready" });
const { path, url, window = 16, relay: options, ...order } = await told;

const frequent: readonly RelayEvent["type"][] = ["message.delivered", "settled"]
  .filter((type) => !order.tell?.some((wanted) => wanted === type)) as never;
const relay = createRelay({
  ...options,
  storage: storageOf(libsqlStorage(path), order),
  transport: aborting(mqttTransport(url, { window, ...strangeness(order) })),
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

function storageOf(
  storage: StorageBase,
  { hints = true, sabotage }: Pick<RelayOrder, "hints" | "sabotage">,
): StorageBase {
  if (sabotage !== undefined) return sabotagedStorage(storage, sabotage);
  return hints ? storage : blind(storage);
}

/** The client id that relays share is a fence of its own, in the broker. */
function strangeness({ sabotage }: Pick<RelayOrder, "sabotage">) {
  return sabotage === "no-fence" ? { clientId: `relay-${process.pid}` } : {};
}

/** A transport that does not survive one message. */
function aborting(transport: Transport): Transport {
  return {
    ...transport,
    connect: async (request) => {
      const connection = await transport.connect(request);
      return {
        window: connection.window,
        closed: connection.closed,
        close: () => connection.close(),
        send: (message, terms) => {
          if (message.id === order.abortsOn) process.abort();
          return connection.send(message, terms);
        },
      };
    },
  };
}

function blind(storage: StorageBase): StorageBase {
  return { migrate: () => storage.migrate(), open: () => storage.open() };
}
