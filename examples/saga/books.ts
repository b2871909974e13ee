/**
 * The books: what the three databases say, read from outside.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import * as v from "valibot";
import type { ServiceName } from "./events.ts";
import type { Books, Holding } from "./verdict.ts";

/** The URL of each service's database. */
export type DatabaseUrls = Readonly<Record<ServiceName, string>>;

const order = v.string();
const bill = { customer: v.string(), cents: v.number() };
const goods = { item: v.string(), quantity: v.number() };
const holding: v.GenericSchema<Holding> = v.object({
  name: v.string(),
  opening: v.number(),
  now: v.number(),
});

const orderRow = v.object({
  order,
  ...bill,
  ...goods,
  state: v.picklist(["undecided", "completed", "cancelled"]),
});
const paymentRow = v.object({
  order,
  ...bill,
  kind: v.picklist(["taken", "refunded"]),
});
const reservationRow = v.object({ order, ...goods });

/** Reads all books. Nobody may write any more. */
export async function readBooks(urls: DatabaseUrls): Promise<Books> {
  return {
    orders: await rowsOf(
      urls.order,
      orderRow,
      `SELECT order_id AS "order", * FROM orders`,
    ),
    payments: await rowsOf(
      urls.payment,
      paymentRow,
      `SELECT order_id AS "order", * FROM payment ORDER BY rowid`,
    ),
    accounts: await rowsOf(
      urls.payment,
      holding,
      "SELECT customer AS name, opening, balance AS now FROM account",
    ),
    reservations: await rowsOf(
      urls.stock,
      reservationRow,
      `SELECT order_id AS "order", * FROM reservation`,
    ),
    items: await rowsOf(
      urls.stock,
      holding,
      "SELECT item AS name, opening, on_hand AS now FROM item",
    ),
  };
}

async function rowsOf<Row>(
  url: string,
  schema: v.GenericSchema<unknown, Row>,
  sql: string,
): Promise<readonly Row[]> {
  const client = createClient({ url });
  try {
    const { columns, rows } = await client.execute(sql);
    return v.parse(
      v.array(schema),
      rows.map((row) => Object.fromEntries(columns.map((c) => [c, row[c]]))),
    );
  } finally {
    client.close();
  }
}
