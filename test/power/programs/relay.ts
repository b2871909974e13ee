/**
 * A relay, and the broker that it sends to, which refuses one message in
 * twenty at first.
 */

import {
  createRelay,
  exponentialRetry,
  type Outcome,
  type StorageBase,
  systemClock,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  createMemoryTransport,
  createSeededRandom,
} from "@mailboat/outbox/testing";
import { contentOf, openApplication } from "../application.ts";
import { openMarks } from "../mark.ts";
import { type ProcessOrder, WINDOW } from "../workload.ts";
import { leave, order, tell, told } from "./parent.ts";

const { database, marks, seed, relayWaits } = order<ProcessOrder>();
const random = createSeededRandom(seed);
const slowestAcknowledgementMs = random.pick([3, 30]);
const mark = openMarks(marks);
const refused: Outcome = {
  kind: "retry",
  failure: { code: "BUSY", reason: "Not now" },
};
await told();
const { client } = await openApplication(database);
// By path: it cannot see the level that the application commits with.
const storage = libsqlStorage(database.path);
const relay = createRelay({
  storage: relayWaits ? storage : careless(storage),
  transport: createMemoryTransport({
    clock: systemClock(),
    window: WINDOW,
    acknowledgeMs: () => random.integer(0, slowestAcknowledgementMs),
    answer: (message, attempt) => {
      if (attempt === 1 && random.chance(0.05)) return refused;
      // The world knows of it from here on.
      const { seq } = message;
      mark({ type: "received", ...contentOf(message), seq });
      return { kind: "delivered" };
    },
  }),
  retry: exponentialRetry({ baseMs: 2, capMs: 20 }),
  pollMs: 20,
});
const running = relay.run();
await told();
await relay.stop();
await running;
client.close();
tell({ type: "done" });
leave();

function careless(storage: StorageBase): StorageBase {
  return {
    migrate: () => storage.migrate(),
    open: async () => {
      const store = await storage.open();
      store.makeDurable = () => Promise.resolve();
      return store;
    },
  };
}
