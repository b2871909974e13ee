/**
 * The verdict: whether three databases that never talked to each other agree.
 *
 * @module
 */

import type { Bill, Goods } from "./events.ts";

/** An order, as the order service has it. */
export interface OrderRow extends Bill, Goods {
  readonly order: string;
  readonly state: "undecided" | "completed" | "cancelled";
}

/** Money that was taken or given back for an order. */
export interface PaymentRow extends Bill {
  readonly order: string;
  readonly kind: "taken" | "refunded";
}

/** Goods that were put aside for an order. */
export interface ReservationRow extends Goods {
  readonly order: string;
}

/** What a customer or an item had at first, and has now. */
export interface Holding {
  readonly name: string;
  readonly opening: number;
  readonly now: number;
}

/** What the three databases say. */
export interface Books {
  readonly orders: readonly OrderRow[];
  readonly payments: readonly PaymentRow[];
  readonly accounts: readonly Holding[];
  readonly reservations: readonly ReservationRow[];
  readonly items: readonly Holding[];
}

/** What a comparison finds. */
export interface Findings {
  readonly orders: number;
  /** Orders that were paid once and got their goods once. */
  readonly completed: number;
  /** Orders that were cancelled, and left no trace in money or goods. */
  readonly compensated: number;
  /**
   * All other orders, also those that only a payment or a reservation tells
   * of, and every account and item that does not add up.
   */
  readonly inconsistent: number;
}

/** Compares the databases. */
export function judge(books: Books): Findings {
  const payments = byOrder(books.payments);
  const reservations = byOrder(books.reservations);
  const fates = { completed: 0, compensated: 0, inconsistent: 0 };
  for (const row of books.orders) {
    const paid = payments.get(row.order) ?? [];
    const reserved = reservations.get(row.order) ?? [];
    fates[fateOf(row, paid, reserved)] += 1;
  }
  const known = new Set(books.orders.map(({ order }) => order));
  const told = new Set([...payments.keys(), ...reservations.keys()]);
  const strangers = [...told].filter((order) => !known.has(order));
  const misfits = misfitsOf(books);
  return {
    orders: books.orders.length,
    ...fates,
    inconsistent: fates.inconsistent + strangers.length + misfits,
  };
}

/** What became of one order. */
function fateOf(
  order: OrderRow,
  paid: readonly PaymentRow[],
  reserved: readonly ReservationRow[],
): "completed" | "compensated" | "inconsistent" {
  const isBilled = paid.every(({ customer, cents }) =>
    customer === order.customer && cents === order.cents
  );
  const isOrdered = reserved.every(({ item, quantity }) =>
    item === order.item && quantity === order.quantity
  );
  if (!isBilled || !isOrdered) return "inconsistent";
  const steps = paid.map(({ kind }) => kind).join(" then ");
  const goods = reserved.length;
  if (order.state === "completed" && steps === "taken" && goods === 1) {
    return "completed";
  }
  const isUndone = steps === "" || steps === "taken then refunded";
  return order.state === "cancelled" && isUndone && goods === 0
    ? "compensated"
    : "inconsistent";
}

/** Accounts and items that are not what their movements make them, or below nothing. */
function misfitsOf({ payments, accounts, reservations, items }: Books): number {
  const moved = new Map<string, number>();
  const move = (name: string, by: number) =>
    moved.set(name, (moved.get(name) ?? 0) + by);
  for (const { customer, cents, kind } of payments) {
    move(`account ${customer}`, kind === "taken" ? -cents : cents);
  }
  for (const { item, quantity } of reservations) {
    move(`item ${item}`, -quantity);
  }
  const count = (what: string, holdings: readonly Holding[]) =>
    holdings.filter(({ name, opening, now }) =>
      now < 0 || now !== opening + (moved.get(`${what} ${name}`) ?? 0)
    ).length;
  return count("account", accounts) + count("item", items);
}

function byOrder<Row extends { readonly order: string }>(
  rows: readonly Row[],
): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.order);
    if (group === undefined) groups.set(row.order, [row]);
    else group.push(row);
  }
  return groups;
}
