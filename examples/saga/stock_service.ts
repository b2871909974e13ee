/**
 * The stock service: puts goods aside for orders that are paid.
 *
 * @module
 */

import { paymentTaken, stockRefused, stockReserved } from "./events.ts";
import { openingStock } from "./market.ts";
import { runService } from "./service.ts";

const tables = `
  CREATE TABLE IF NOT EXISTS item (
    item TEXT PRIMARY KEY, opening INTEGER NOT NULL, on_hand INTEGER NOT NULL
  );
  CREATE TABLE IF NOT EXISTS reservation (
    order_id TEXT NOT NULL, item TEXT NOT NULL, quantity INTEGER NOT NULL
  );`;

await runService({
  name: "stock",
  hears: ["payment"],
  async setUp(client, market) {
    await client.executeMultiple(tables);
    const items = [...openingStock(market)];
    await client.batch(
      items.map(([item, quantity]) => ({
        sql: "INSERT OR IGNORE INTO item VALUES (?, ?, ?)",
        args: [item, quantity, quantity],
      })),
      "write",
    );
  },
  handlers: (on, outbox) => [
    on(paymentTaken, async (tx, { data }) => {
      const { shop, order, item, quantity } = data;
      const { rowsAffected } = await tx.execute({
        sql: `UPDATE item SET on_hand = on_hand - :quantity
          WHERE item = :item AND on_hand >= :quantity`,
        args: { item, quantity },
      });
      if (rowsAffected === 0) {
        await outbox.enqueue(tx, stockRefused({ shop, order }));
        return;
      }
      await tx.execute({
        sql: "INSERT INTO reservation VALUES (?, ?, ?)",
        args: [order, item, quantity],
      });
      await outbox.enqueue(tx, stockReserved({ shop, order }));
    }),
  ],
});
