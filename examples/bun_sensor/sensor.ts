/**
 * A sensor that sleeps most of the time: it wakes, measures, sends what it can
 * within its budget, and goes to sleep. What it cannot send waits in its file.
 *
 * @module
 */

import { Database } from "bun:sqlite";
import {
  createOutbox,
  createRelay,
  defineEvent,
  type DrainReport,
} from "@mailboat/outbox";
import { bunSqliteStorage } from "@mailboat/outbox/bun-sqlite";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import * as v from "valibot";

/** One temperature. */
export interface Measurement {
  /** Counts the measurements. */
  readonly number: number;
  readonly celsius: number;
}

/** Checks a measurement: before it is stored, and again where it arrives. */
export const measurementSchema: v.GenericSchema<Measurement> = v.object({
  number: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  celsius: v.number(),
});

/** Where they arrive. */
export const topic = "sensors/cellar";

/** One key: all measurements arrive in the order of their commits. */
const measured = defineEvent("temperature.measured", {
  schema: measurementSchema,
  topic: () => topic,
  key: () => "cellar",
});

/** How many are taken each time. */
const MEASUREMENTS = 5;
/** How long the radio may be on. */
const BUDGET_MS = 5_000;

/** Wakes once, with the database file at `path`, and tells what was sent. */
export async function wake(path: string, url: string): Promise<DrainReport> {
  const db = new Database(path);
  try {
    db.exec("PRAGMA journal_mode = WAL");
    db.exec(
      "CREATE TABLE IF NOT EXISTS measurements (number INTEGER PRIMARY KEY, celsius REAL)",
    );
    const storage = bunSqliteStorage(db);
    await storage.migrate();
    const outbox = createOutbox({ storage });

    for (let count = 0; count < MEASUREMENTS; count++) {
      // The row and its message: both, or neither.
      storage.transaction((tx) => {
        const number = numberOfNext(tx);
        const celsius = 12 + number % 7 / 10;
        tx.prepare("INSERT INTO measurements VALUES (?, ?)")
          .run(number, celsius);
        outbox.enqueue(tx, measured({ number, celsius }));
      });
    }

    await using relay = createRelay({
      storage,
      // What every broker speaks. MQTT 5, the default, also tells why a
      // message was refused.
      transport: mqttTransport(url, { source: "/bun-sensor", protocol: 4 }),
    });
    return await relay.drain({ budgetMs: BUDGET_MS });
  } finally {
    db.close();
  }
}

function numberOfNext(db: Database): number {
  const [row] = db.prepare(
    "SELECT coalesce(max(number), 0) + 1 AS next FROM measurements",
  ).all() as { next: number }[];
  return row!.next;
}
