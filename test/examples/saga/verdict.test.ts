import { describe, expect, test } from "vitest";
import { type Books, judge } from "../../../examples/saga/verdict.ts";

const bill = { customer: "ann", cents: 30 };
const goods = { item: "bolt", quantity: 2 };
const completed = {
  order: "o1",
  ...bill,
  ...goods,
  state: "completed",
} as const;
const refused = { ...completed, order: "o2", state: "cancelled" } as const;
const undone = { ...completed, order: "o3", state: "cancelled" } as const;
const taken = { order: "o1", ...bill, kind: "taken" } as const;
const undoneTaken = { ...taken, order: "o3" } as const;
const undoneRefund = { ...undoneTaken, kind: "refunded" } as const;
const reserved = { order: "o1", ...goods };

/** One order that was completed, one that was refused, one that was undone. */
const sound: Books = {
  orders: [completed, refused, undone],
  payments: [taken, undoneTaken, undoneRefund],
  accounts: [{ name: "ann", opening: 100, now: 70 }, {
    name: "bob",
    opening: 5,
    now: 5,
  }],
  reservations: [reserved],
  items: [{ name: "bolt", opening: 9, now: 7 }],
};

/** The same with the holdings that these movements leave. */
function booked(changes: Partial<Books>): Books {
  const books = { ...sound, ...changes };
  const cents = books.payments.reduce(
    (sum, { cents, kind }) => sum + (kind === "taken" ? -cents : cents),
    100,
  );
  const bolts = books.reservations.reduce(
    (sum, { quantity }) => sum - quantity,
    9,
  );
  return {
    ...books,
    accounts: [{ name: "ann", opening: 100, now: cents }],
    items: [{ name: "bolt", opening: 9, now: bolts }],
  };
}

test("databases that agree", () => {
  expect(judge(sound)).toEqual({
    orders: 3,
    completed: 1,
    compensated: 2,
    inconsistent: 0,
  });
  expect(judge(booked({}))).toEqual(judge(sound));
});

describe("one order is inconsistent", () => {
  test.each<[string, Partial<Books>]>([
    ["when it was never decided", {
      orders: [{ ...completed, state: "undecided" }, refused, undone],
    }],
    ["when its refusal was never heard of", {
      orders: [completed, { ...refused, state: "undecided" }, undone],
    }],
    ["when it was cancelled though it got what it paid for", {
      orders: [{ ...completed, state: "cancelled" }, refused, undone],
    }],
    ["when it was completed and refused", {
      orders: [completed, { ...refused, state: "completed" }, undone],
    }],
    ["when it was paid twice", {
      payments: [taken, taken, undoneTaken, undoneRefund],
    }],
    ["when it was never paid", { payments: [undoneTaken, undoneRefund] }],
    ["when the money was not given back", { payments: [taken, undoneTaken] }],
    ["when the money was given back twice", {
      payments: [taken, undoneTaken, undoneRefund, undoneRefund],
    }],
    ["when money was given back that was never taken", {
      payments: [taken, undoneRefund],
    }],
    ["when it was completed and paid back", {
      payments: [
        taken,
        { ...taken, kind: "refunded" },
        undoneTaken,
        undoneRefund,
      ],
    }],
    ["when it was paid in part", {
      payments: [{ ...taken, cents: 29 }, undoneTaken, undoneRefund],
    }],
    ["when less was given back than was taken", {
      payments: [taken, undoneTaken, { ...undoneRefund, cents: 1 }],
    }],
    ["when its goods were reserved twice", {
      reservations: [reserved, reserved],
    }],
    ["when nothing was reserved for it", { reservations: [] }],
    ["when too little was reserved for it", {
      reservations: [{ ...reserved, quantity: 1 }],
    }],
    ["when it was undone and its goods are still held", {
      reservations: [reserved, { ...reserved, order: "o3" }],
    }],
    ["when only a payment knows of it", {
      payments: [...sound.payments, { ...taken, order: "o4" }],
    }],
    ["when only the stock knows of it", {
      reservations: [reserved, { ...reserved, order: "o4" }],
    }],
  ])("%s", (_, changes) => {
    expect(judge(booked(changes)).inconsistent).toBe(1);
  });

  test("when another customer paid", () => {
    const payments = [
      { ...taken, customer: "bob" },
      undoneTaken,
      undoneRefund,
    ];
    const accounts = [
      { name: "ann", opening: 100, now: 100 },
      { name: "bob", opening: 30, now: 0 },
    ];
    expect(judge({ ...sound, payments, accounts }).inconsistent).toBe(1);
  });
});

describe("a sum is wrong", () => {
  test.each<[string, Partial<Books>]>([
    ["when money is gone", {
      accounts: [{ name: "ann", opening: 100, now: 69 }],
    }],
    ["when goods were found", {
      items: [{ name: "bolt", opening: 9, now: 8 }],
    }],
    ["when more was paid than there was", {
      accounts: [{ name: "ann", opening: 29, now: -1 }],
    }],
    ["when more was reserved than there was", {
      items: [{ name: "bolt", opening: 1, now: -1 }],
    }],
  ])("%s", (_, changes) => {
    expect(judge({ ...sound, ...changes }).inconsistent).toBe(1);
  });
});
