/**
 * The market: who has how much money, what is in stock, and who orders what.
 *
 * A third of the orders must fail, half of them for want of money and half
 * for want of goods, or there would be nothing to compensate for.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import type { Bill, Goods, OrderRef } from "./events.ts";

/** What a market is made from. */
export interface Market {
  readonly shop: string;
  /** How many orders there will be. */
  readonly orders: number;
  /** Decides who orders what. */
  readonly seed: number;
}

const CUSTOMERS = names("customer", 10);
const ITEMS = names("item", 5);
const MAX_CENTS = 9_900;
const MAX_QUANTITY = 3;
/** The share of what is wanted that can be paid, and the share that is there. */
const PAYABLE = 0.8;
const IN_STOCK = 0.65;

/** What each customer has at first, in cents. */
export function openingBalances({ orders }: Market): ReadonlyMap<
  string,
  number
> {
  const wanted = (orders * MAX_CENTS) / 2;
  return shared(CUSTOMERS, wanted * PAYABLE);
}

/** How much of each item there is at first. */
export function openingStock({ orders }: Market): ReadonlyMap<string, number> {
  const wanted = (orders * (1 + MAX_QUANTITY)) / 2;
  return shared(ITEMS, wanted * IN_STOCK);
}

/** The order with a number, from 1 on; always the same. */
export function orderOf(
  { shop, seed }: Market,
  number: number,
): OrderRef & Bill & Goods {
  const random = createSeededRandom(seed * 1_000_003 + number);
  return {
    shop,
    order: `order-${number}`,
    customer: random.pick(CUSTOMERS),
    cents: random.integer(1, MAX_CENTS),
    item: random.pick(ITEMS),
    quantity: random.integer(1, MAX_QUANTITY),
  };
}

function names(what: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${what}-${at + 1}`);
}

function shared(
  names: readonly string[],
  total: number,
): ReadonlyMap<string, number> {
  return new Map(
    names.map((name) => [name, Math.ceil(total / names.length)]),
  );
}
