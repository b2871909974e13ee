/**
 * Accepting: what the inbox costs the transaction of a consumer.
 *
 * @module
 */

import type { Client } from "@libsql/client";
import { createInbox, type InboxMessage } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { statSync } from "node:fs";
import { join } from "node:path";
import { createDatabase, removeDatabase } from "../database.ts";
import { alone, compared, type Figure } from "../figure.ts";
import { INSERT_READING } from "../hand_written.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KEYS = 1_000;
/** Few in a round and many rounds, as the speed of a disk changes quickly. */
const TRANSACTIONS = 200;
/** Messages in the file whose size is taken. */
const MANY = 20_000;

/** What is done beside the business row. */
const BESIDES = ["a key", "no key", "a duplicate", "nothing"] as const;

type Beside = typeof BESIDES[number];

/** What came of a round. */
interface Round {
  readonly rate: number;
  /** Bytes in the write-ahead log, for one transaction. */
  readonly logged: number;
}

/** Compares transactions with an accept to the business row alone. */
export const accept: Scenario = {
  name: "accept",
  summary: "transactions/s of a consumer with its inbox, and without",
  needsBroker: false,
  async run(bench) {
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 25,
      note: bench.note,
      contestants: BESIDES.map((beside) => [
        beside,
        () => measured(bench, beside),
      ]),
    });
    const rates = (beside: Beside) => resultsOf(beside).map(({ rate }) => rate);
    const logged = (beside: Beside) =>
      resultsOf(beside).map(({ logged }) => logged);
    const figures = BESIDES.slice(0, -1).flatMap((beside): Figure[] => [
      compared({
        figure: `business row and accept of ${beside}`,
        unit: "tx/s",
        ours: rates(beside),
        against: "business row alone",
        reference: rates("nothing"),
      }),
      compared({
        figure: `business row and accept of ${beside}, in the log`,
        unit: "bytes/tx",
        ours: logged(beside),
        against: "business row alone",
        reference: logged("nothing"),
      }),
    ]);
    return [...figures, ...await together(bench)];
  },
};

const messageOf = (n: number, beside: Beside): InboxMessage => ({
  source: "/gateway-7",
  id: `0198c2f6-5b1a-7c3d-9a41-${String(n).padStart(12, "0")}`,
  key: beside === "no key" ? null : `meter-${n % KEYS}`,
  seq: n + 1,
  position: Math.floor(n / KEYS) + 1,
});

async function measured(bench: Bench, beside: Beside): Promise<Round> {
  const path = join(bench.folder, "accept.db");
  const client = await emptied(path);
  const inbox = createInbox({
    storage: libsqlStorage(client),
    consumer: "billing",
  });
  const consume = async (n: number) => {
    const tx = await client.transaction("write");
    if (beside !== "nothing") {
      await inbox.accept(
        tx,
        messageOf(beside === "a duplicate" ? 0 : n, beside),
      );
    }
    await tx.execute({ sql: INSERT_READING, args: [`m-${n % KEYS}`, n] });
    await tx.commit();
  };
  // The first looks up who the outbox is.
  await consume(0);
  const before = statSync(`${path}-wal`).size;
  const beganMs = performance.now();
  for (let n = 1; n <= TRANSACTIONS; n++) await consume(n);
  const tookMs = performance.now() - beganMs;
  const logged = (statSync(`${path}-wal`).size - before) / TRANSACTIONS;
  client.close();
  return { rate: TRANSACTIONS / tookMs * 1_000, logged };
}

/** Without the syncs: what the accepts take by themselves, and the room. */
async function together(bench: Bench): Promise<Figure[]> {
  const path = join(bench.folder, "accept.db");
  const client = await emptied(path);
  const storage = libsqlStorage(client);
  const inbox = createInbox({ storage, consumer: "billing" });
  const many = bench.quick ? MANY / 20 : MANY;
  const times: number[] = [];
  for (const beside of ["a key", "no key", "a duplicate"] as const) {
    const tx = await client.transaction("write");
    const beganMs = performance.now();
    for (let n = 0; n < many; n++) {
      const isNew = beside === "no key";
      await inbox.accept(tx, messageOf(isNew ? n + many : n, beside));
    }
    times.push((performance.now() - beganMs) * 1_000 / many);
    await tx.commit();
  }
  await client.execute("VACUUM");
  const bytes = await sizeOf(client) / (2 * many);
  client.close();
  return [
    ...times.map((time, at) =>
      alone(`accept of ${BESIDES[at]}, many in a transaction`, "µs", [time])
    ),
    alone("room of a record", "bytes", [bytes]),
  ];
}

async function emptied(path: string): Promise<Client> {
  removeDatabase(path);
  return await createDatabase(path);
}

async function sizeOf(client: Client): Promise<number> {
  const { rows } = await client.execute(
    "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%mailboat_inbox%' AND name NOT LIKE '%lane%'",
  );
  return Number(rows[0]?.[0]);
}
