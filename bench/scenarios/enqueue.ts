/**
 * Enqueueing: what a message costs the transaction that it belongs to.
 *
 * @module
 */

import type { Client } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import { join } from "node:path";
import { createDatabase, removeDatabase } from "../database.ts";
import { compared, type Figure } from "../figure.ts";
import {
  hand,
  handRow,
  INSERT_HAND,
  INSERT_READING,
  readings,
} from "../hand_written.ts";
import { meterRead, readingOf } from "../reading.ts";
import { type Contestant, inRounds, type ResultsOf } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast, type Target } from "../target.ts";

const KEYS = 1_000;
/** Events of one group. */
const MANY = 1_000;
/** Few in a round and many rounds, as the speed of a disk changes quickly. */
const TRANSACTIONS = 200;
const QUICK_TRANSACTIONS = 30;
const GROUPS = 3;
const KINDS = ["libsql", "drizzle", "batch"] as const;

/** What the connection of the application may be set to; all else is FULL. */
const LEVELS = ["FULL", "NORMAL", "OFF"] as const;

type Level = typeof LEVELS[number];

/** What is written beside the business row. */
const BESIDES = ["outbox", "hand", "nothing"] as const;

type Kind = typeof KINDS[number];
type Beside = typeof BESIDES[number];

/** Compares transactions with an enqueue to those with an INSERT by hand. */
export const enqueue: Scenario = {
  name: "enqueue",
  summary: "transactions/s with an enqueue, beside an INSERT written by hand",
  needsBroker: false,
  async run(bench) {
    const single = (kind: Kind, beside: Beside) => () =>
      measured(
        bench,
        bench.quick ? QUICK_TRANSACTIONS : TRANSACTIONS,
        (client) => writerOf(client, kind, beside),
      );
    const many = (together: boolean) => () =>
      measured(
        bench,
        bench.quick ? 1 : GROUPS,
        (client) => group(client, together),
      );
    const resultsOf = await inRounds({
      rounds: bench.quick ? 2 : 25,
      note: bench.note,
      contestants: [
        ...KINDS.flatMap((kind) =>
          BESIDES.map((beside): Contestant<number> => [
            `${kind}, ${beside}`,
            single(kind, beside),
          ])
        ),
        ...levelContestants(bench),
        ["1,000 in one call", many(true)],
        ["1,000 calls", many(false)],
      ],
    });
    const figures: Figure[] = KINDS.flatMap((kind) =>
      (["hand", "nothing"] as const).map((beside) =>
        compared({
          figure: `${kind}: business row and enqueue`,
          unit: "tx/s",
          ours: resultsOf(`${kind}, outbox`),
          against: beside === "hand"
            ? "business row and INSERT by hand"
            : "business row alone",
          reference: resultsOf(`${kind}, ${beside}`),
          ...beside === "hand" && { target: atLeast(0.9, "ratio") },
        })
      )
    );
    const together = resultsOf("1,000 in one call").map((rate) => rate * MANY);
    const beside = (
      against: string,
      reference: readonly number[],
      target: Target,
    ) =>
      compared({
        figure: "1,000 in one call",
        unit: "events/s",
        ours: together,
        against,
        reference,
        target,
      });
    return [
      ...figures,
      ...levelFigures(resultsOf),
      beside(
        "1,000 calls in one transaction",
        resultsOf("1,000 calls").map((rate) => rate * MANY),
        atLeast(5, "ratio"),
      ),
      beside(
        "one call and transaction each",
        resultsOf("libsql, outbox"),
        atLeast(5, "ratio"),
      ),
    ];
  },
};

function levelContestants(bench: Bench): Contestant<number>[] {
  const transactions = bench.quick ? QUICK_TRANSACTIONS : TRANSACTIONS;
  return LEVELS.flatMap((level) =>
    (["outbox", "hand"] as const).map((beside): Contestant<number> => [
      `${level}, ${beside}`,
      () =>
        measured(
          bench,
          transactions,
          (client) => atLevel(client, level, beside),
        ),
    ])
  );
}

function levelFigures(resultsOf: ResultsOf<number>): Figure[] {
  return LEVELS.map((level) =>
    compared({
      figure: `batch, synchronous ${level}`,
      unit: "tx/s",
      ours: resultsOf(`${level}, outbox`),
      against: "INSERT by hand",
      reference: resultsOf(`${level}, hand`),
    })
  );
}

type Write = (n: number) => Promise<unknown>;

/** Runs so many transactions on a new file; resolves with how many there are in a second. */
async function measured(
  bench: Bench,
  transactions: number,
  writer: (client: Client) => Write,
): Promise<number> {
  const path = join(bench.folder, "enqueue.db");
  removeDatabase(path);
  const client = await createDatabase(path);
  const write = writer(client);
  // The first looks up who the outbox is.
  await write(0);
  const beganMs = performance.now();
  for (let n = 1; n <= transactions; n++) await write(n);
  const tookMs = performance.now() - beganMs;
  client.close();
  return transactions / tookMs * 1_000;
}

/**
 * Batches at a level. It belongs to the connection, which a client that never
 * does two things at once keeps.
 */
function atLevel(client: Client, level: Level, beside: Beside): Write {
  const write = batchWriter(client, beside);
  const set = client.execute(`PRAGMA synchronous=${level}`);
  return async (n) => {
    await set;
    return write(n);
  };
}

function writerOf(client: Client, kind: Kind, beside: Beside): Write {
  if (kind === "drizzle") return drizzleWriter(client, beside);
  return kind === "libsql"
    ? libsqlWriter(client, beside)
    : batchWriter(client, beside);
}

function libsqlWriter(client: Client, beside: Beside): Write {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  return async (n) => {
    const reading = readingOf(n, KEYS);
    const tx = await client.transaction("write");
    await tx.execute({ sql: INSERT_READING, args: [reading.meter, n] });
    if (beside === "outbox") await outbox.enqueue(tx, meterRead(reading));
    if (beside === "hand") {
      await tx.execute({
        sql: INSERT_HAND,
        args: Object.values(handRow(reading)),
      });
    }
    await tx.commit();
  };
}

function batchWriter(client: Client, beside: Beside): Write {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  return async (n) => {
    const reading = readingOf(n, KEYS);
    const business = { sql: INSERT_READING, args: [reading.meter, n] };
    const message = beside === "hand"
      ? [{ sql: INSERT_HAND, args: Object.values(handRow(reading)) }]
      : beside === "outbox"
      ? (await outbox.prepare(meterRead(reading))).statements
      : [];
    await client.batch([business, ...message], "write");
  };
}

function drizzleWriter(client: Client, beside: Beside): Write {
  const db = drizzle(client);
  const outbox = createOutbox({
    storage: drizzleStorage(db, libsqlStorage(client)),
  });
  return (n) => {
    const reading = readingOf(n, KEYS);
    return db.transaction(async (tx) => {
      await tx.insert(readings).values({ meter: reading.meter, n });
      if (beside === "outbox") await outbox.enqueue(tx, meterRead(reading));
      if (beside === "hand") await tx.insert(hand).values(handRow(reading));
    });
  };
}

function group(client: Client, together: boolean): Write {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  return async (n) => {
    const drafts = Array.from(
      { length: MANY },
      (_, at) => meterRead(readingOf(n * MANY + at, KEYS)),
    );
    const tx = await client.transaction("write");
    if (together) await outbox.enqueue(tx, ...drafts);
    else for (const draft of drafts) await outbox.enqueue(tx, draft);
    await tx.commit();
  };
}
