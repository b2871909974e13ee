/**
 * The events of the saga: what the three services tell each other.
 *
 * ```text
 * order.placed ─▶ payment ─▶ payment.taken ─▶ stock ─▶ stock.reserved ─▶ order
 *                    │                          └─▶ stock.refused ─▶ payment
 *                    └─▶ payment.refused ─▶ order                      │
 *                                      order ◀─ payment.refunded ◀─────┘
 * ```
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import * as v from "valibot";

/** The services; each tells what happens under a topic of its own. */
export type ServiceName = "order" | "payment" | "stock";

/** Names an order. */
export interface OrderRef {
  /** The shop; part of the topic. */
  readonly shop: string;
  /** The order; the ordering key. */
  readonly order: string;
}

/** What is to be taken from the stock. */
export interface Goods {
  readonly item: string;
  readonly quantity: number;
}

/** What is to be paid, in cents. */
export interface Bill {
  readonly customer: string;
  readonly cents: number;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const ref = {
  shop: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
  order: v.pipe(v.string(), v.nonEmpty()),
};
const goods = { item: v.string(), quantity: count };
const bill = { customer: v.string(), cents: count };

/** A topic for each service, so that its events of one order arrive in order. */
export function topicOf(shop: string, service: ServiceName): string {
  return `shops/${shop}/${service}`;
}

/** Defines an event of a service; its key is the order. */
function define<Data extends OrderRef>(
  service: ServiceName,
  what: string,
  schema: v.GenericSchema<Data>,
): EventDefinition<Data> {
  return defineEvent(`${service}.${what}`, {
    schema,
    topic: ({ shop }) => topicOf(shop, service),
    key: ({ order }) => order,
  });
}

/** A customer wants something: the saga begins. */
export const orderPlaced: EventDefinition<OrderRef & Bill & Goods> = define(
  "order",
  "placed",
  v.object({ ...ref, ...bill, ...goods }),
);

/** The money is there; the goods are still to be found. */
export const paymentTaken: EventDefinition<OrderRef & Goods> = define(
  "payment",
  "taken",
  v.object({ ...ref, ...goods }),
);

/** The customer has not enough money: nothing was done. */
export const paymentRefused: EventDefinition<OrderRef> = define(
  "payment",
  "refused",
  v.object(ref),
);

/** The money was given back. */
export const paymentRefunded: EventDefinition<OrderRef> = define(
  "payment",
  "refunded",
  v.object(ref),
);

/** The goods were put aside for the customer: the saga has ended well. */
export const stockReserved: EventDefinition<OrderRef> = define(
  "stock",
  "reserved",
  v.object(ref),
);

/** There are not enough goods: what was done must be undone. */
export const stockRefused: EventDefinition<OrderRef> = define(
  "stock",
  "refused",
  v.object(ref),
);
