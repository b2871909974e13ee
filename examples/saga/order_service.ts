/**
 * The order service: places orders, and hears what becomes of them.
 *
 * @module
 */

import type { Transaction } from "@libsql/client";
import type { OneStep } from "@mailboat/outbox";
import {
  orderPlaced,
  type OrderRef,
  paymentRefunded,
  paymentRefused,
  stockReserved,
} from "./events.ts";
import { orderOf } from "./market.ts";
import { runService } from "./service.ts";

/** New customers wait while so many orders are undecided. */
const MAX_UNDECIDED = 50;
const LOOK_MS = 20;

await runService({
  name: "order",
  hears: ["payment", "stock"],
  async setUp(client) {
    await client.execute(`CREATE TABLE IF NOT EXISTS orders (
      order_id TEXT PRIMARY KEY, customer TEXT NOT NULL, cents INTEGER NOT NULL,
      item TEXT NOT NULL, quantity INTEGER NOT NULL, state TEXT NOT NULL
    )`);
  },
  handlers: (on) => [
    on(stockReserved, decided("completed")),
    on(paymentRefused, decided("cancelled")),
    on(paymentRefunded, decided("cancelled")),
  ],
  /** The customers: a new process goes on where the killed one was. */
  async work({ client, database, outbox, market, clock, signal }) {
    while (!signal.aborted) {
      const { rows: [counts] } = await client.execute(
        "SELECT count(*) AS placed, total(state = 'undecided') AS undecided FROM orders",
      );
      const placed = Number(counts?.["placed"]);
      const undecided = Number(counts?.["undecided"]);
      if (placed === market.orders && undecided === 0) return;
      if (placed === market.orders || undecided >= MAX_UNDECIDED) {
        await clock.sleep(LOOK_MS, signal);
        continue;
      }
      const order = orderOf(market, placed + 1);
      // The order and the event that tells of it: both, or neither.
      await database.transaction(async (tx) => {
        await tx.execute({
          sql: `INSERT INTO orders VALUES
            (:order, :customer, :cents, :item, :quantity, 'undecided')`,
          args: { ...order },
        });
        await outbox.enqueue(tx, orderPlaced(order));
      });
      // The driver is synchronous under its promises: let others have a turn.
      await clock.turn();
    }
  },
});

/** The saga is over; nobody needs to be told. */
function decided(
  state: "completed" | "cancelled",
): OneStep<Transaction, OrderRef> {
  return async (tx, { data }) => {
    await tx.execute({
      sql: "UPDATE orders SET state = ? WHERE order_id = ?",
      args: [state, data.order],
    });
  };
}
