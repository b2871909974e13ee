/**
 * The payment service: takes money for orders, and gives it back when there
 * are no goods.
 *
 * Nothing here looks whether a message came before: each handler's writes, its
 * event and the record of the message are in one transaction.
 *
 * @module
 */

import {
  orderPlaced,
  paymentRefunded,
  paymentRefused,
  paymentTaken,
  stockRefused,
} from "./events.ts";
import { openingBalances } from "./market.ts";
import { runService } from "./service.ts";

const tables = `
  CREATE TABLE IF NOT EXISTS account (
    customer TEXT PRIMARY KEY, opening INTEGER NOT NULL, balance INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS payment (
    order_id TEXT NOT NULL, customer TEXT NOT NULL, cents INTEGER NOT NULL,
    kind TEXT NOT NULL
  );`;

await runService({
  name: "payment",
  hears: ["order", "stock"],
  async setUp(client, market) {
    await client.executeMultiple(tables);
    const accounts = [...openingBalances(market)];
    await client.batch(
      accounts.map(([customer, cents]) => ({
        sql: "INSERT OR IGNORE INTO account VALUES (?, ?, ?)",
        args: [customer, cents, cents],
      })),
      "write",
    );
  },
  handlers: (on, outbox) => [
    on(orderPlaced, async (tx, { data }) => {
      const { shop, order, customer, cents, item, quantity } = data;
      const { rowsAffected } = await tx.execute({
        sql: `UPDATE account SET balance = balance - :cents
          WHERE customer = :customer AND balance >= :cents`,
        args: { customer, cents },
      });
      if (rowsAffected === 0) {
        await outbox.enqueue(tx, paymentRefused({ shop, order }));
        return;
      }
      await tx.execute({
        sql: "INSERT INTO payment VALUES (?, ?, ?, 'taken')",
        args: [order, customer, cents],
      });
      await outbox.enqueue(tx, paymentTaken({ shop, order, item, quantity }));
    }),

    // The compensation: what was taken is given back.
    on(stockRefused, async (tx, { data: { shop, order } }) => {
      await tx.execute({
        sql: `UPDATE account SET balance = balance + taken.cents
          FROM payment AS taken WHERE taken.customer = account.customer
          AND taken.order_id = ? AND taken.kind = 'taken'`,
        args: [order],
      });
      await tx.execute({
        sql: `INSERT INTO payment
          SELECT order_id, customer, cents, 'refunded' FROM payment
          WHERE order_id = ? AND kind = 'taken'`,
        args: [order],
      });
      await outbox.enqueue(tx, paymentRefunded({ shop, order }));
    }),
  ],
});
