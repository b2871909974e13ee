/**
 * What only drizzle over a D1 database does.
 *
 * @module
 */

import { createOutbox } from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { type Database, emptied } from "./d1_harness.ts";
import { batched, business, drizzleOver } from "./drizzle_d1_harness.ts";
import { caught, codeOf, idsIn, same } from "./outcomes.ts";
import { reading } from "./reading.ts";

/** Cases on a database, beside another one. */
export function drizzleD1Cases(
  database: Database,
  other: Database,
): readonly ConformanceCase[] {
  const on = (
    name: string,
    run: (bench: Awaited<ReturnType<typeof benchOn>>) => Promise<void>,
  ): ConformanceCase => ({
    name: `drizzle over D1: ${name}`,
    run: async () => await run(await benchOn(database)),
  });
  return [
    on(
      "a batch stores its rows, and drizzle reads its results",
      async ({ db, outbox, stored }) => {
        const one = await outbox.prepare(reading({}));
        const two = await outbox.prepare(reading({}), reading({}));
        const [first, ...results] = await batched(db, [
          db.insert(business).values({ id: "row" }).returning(),
          ...one.statements,
          ...two.statements,
          db.select().from(business),
        ]);
        same([first, results.at(-1)], [[{ id: "row" }], [{ id: "row" }]]);
        const messages = [...one.ids, ...two.ids];
        same(await stored(), { rows: ["row"], messages });
      },
    ),
    on(
      "a row that is refused leaves no message",
      async ({ db, outbox, stored }) => {
        const row = () => db.insert(business).values({ id: "row" });
        await row();
        const { statements } = await outbox.prepare(reading({}));
        for (const items of [[...statements, row()], [row(), ...statements]]) {
          const failed = await batched(db, items).then(() => false, () => true);
          same(failed, true);
          same(await stored(), { rows: ["row"], messages: [] });
        }
      },
    ),
    on(
      "a statement that is awaited stores its message",
      async ({ outbox, stored }) => {
        const { ids, statements } = await outbox.prepare(reading({}));
        for (const statement of statements) await statement;
        same(await stored(), { rows: [], messages: ids });
      },
    ),
    on(
      "more than a value holds is stored in parts",
      async ({ db, outbox, stored }) => {
        const data = { kwh: "4".repeat(250_000) };
        const drafts = Array.from({ length: 12 }, () => reading(data));
        const { ids, statements } = await outbox.prepare(...drafts);
        same(statements.length > 1, true);
        await batched(db, statements);
        same(await stored(), { rows: [], messages: ids });
      },
    ),
    on(
      "enqueue is refused, and says what to do instead",
      async ({ db, outbox, stored }) => {
        const error = await outbox.enqueue(db as never, reading({}))
          .catch((thrown: unknown) => thrown);
        same(codeOf(error), "NOT_A_TRANSACTION");
        const { message } = error as Error;
        same(/prepare\(\).*db\.batch\(\)/.test(message), true);
        same(await stored(), { rows: [], messages: [] });
      },
    ),
    on("the storage of another database is refused", ({ db }) => {
      const error = caught(() => drizzleStorage(db, d1Storage(other)));
      same(codeOf(error), "INVALID_OPTION");
      return Promise.resolve();
    }),
  ];
}

async function benchOn(database: Database) {
  await emptied(database);
  const { db, storage } = drizzleOver(database);
  await storage.migrate();
  const outbox = createOutbox({ storage });
  const store = await storage.open();
  const stored = async () => {
    const rows = await db.select().from(business);
    return { rows: rows.map(({ id }) => id), messages: await idsIn(store) };
  };
  return { db, outbox, stored };
}
