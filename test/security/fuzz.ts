/**
 * Seeded bad inputs through every public function, on a real database file and
 * over three wires.
 *
 * A lap is up to 2,500 inputs: transactions full of hostile drafts, each followed by a
 * good one after every refusal, then calls of all other functions. What was
 * accepted and committed must arrive with the same bytes, and nothing else.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { createDeadLetters, createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  createSeededRandom,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import { join } from "node:path";
import { DraftLap } from "./draft_lap.ts";
import { faultOf } from "./refusal.ts";
import { subjectsOf } from "./subjects.ts";
import { aedesWire, binaryWire, memoryWire } from "./wires.ts";

/** What to run. */
export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Where the database file is made. */
  readonly folder: string;
  /** Told after every lap how many inputs and faults there were. */
  readonly onLap?: (inputs: number, faults: number) => void;
}

/** What came of it. */
export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly delivered: number;
  /** How many calls each function got. */
  readonly calls: ReadonlyMap<string, number>;
  /** Everything that went wrong, with the seed of its lap. */
  readonly faults: readonly string[];
}

const MAX_LAP_INPUTS = 2_500;
const LAPS = 4;
/** The share of a lap that goes to other functions than those of the outbox. */
const CALLS = 0.6;
/** The wires of ten laps; the first laps use each of them. */
const WIRES = [memoryWire, aedesWire, binaryWire];
const WIRE_OF_LAP = [0, 1, 2, 0, 0, 0, 0, 0, 0, 0];
const MAX_FAULTS = 20;

/** Runs laps until there were enough inputs, or far too many faults. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { inputs, seed, folder, onLap } = options;
  const client = createClient({ url: `file:${join(folder, "fuzz.db")}` });
  const report = new Tally();
  const stray = (reason: unknown) => report.fault(seed, "stray", reason);
  process.on("unhandledRejection", stray);
  try {
    await prepared(client);
    const most = Math.min(MAX_LAP_INPUTS, Math.ceil(inputs / LAPS));
    for (let lap = 0; report.inputs < inputs; lap++) {
      const room = Math.min(most, inputs - report.inputs);
      await runLap({ client, seed: seed + lap, lap, room, report });
      onLap?.(report.inputs, report.faults.length);
      if (report.faults.length >= MAX_FAULTS) break;
    }
    await demandUnharmed(client);
  } catch (thrown) {
    report.fault(seed, "the run", thrown);
  } finally {
    process.removeListener("unhandledRejection", stray);
    client.close();
  }
  return report;
}

class Tally implements FuzzReport {
  inputs = 0;
  accepted = 0;
  refused = 0;
  delivered = 0;
  readonly calls = new Map<string, number>();
  readonly faults: string[] = [];

  fault(seed: number, place: string, thrown: unknown): void {
    const text = thrown instanceof Error ? thrown.stack : String(thrown);
    this.faults.push(`seed ${seed}: ${place}: ${text}`);
  }
}

const CANARY =
  "CREATE TABLE canary (bird TEXT); INSERT INTO canary VALUES ('alive')";

async function prepared(client: Client): Promise<void> {
  await client.executeMultiple(
    `PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; ${CANARY}`,
  );
  await libsqlStorage(client).migrate();
}

/** No value was taken for SQL, and no name for a prototype. */
async function demandUnharmed(client: Client): Promise<void> {
  const { rows } = await client.execute("SELECT bird FROM canary");
  if (rows.length !== 1 || rows[0]?.["bird"] !== "alive") {
    throw new Error("The canary is dead: a value was run as SQL");
  }
  for (const prototype of [Object.prototype, Array.prototype]) {
    const strange = Object.keys(prototype);
    if (strange.length > 0 || "polluted" in prototype) {
      throw new Error(`A prototype was polluted: ${strange}`);
    }
  }
}

interface Lap {
  readonly client: Client;
  readonly seed: number;
  readonly lap: number;
  readonly room: number;
  readonly report: Tally;
}

async function runLap({ client, seed, lap, room, report }: Lap): Promise<void> {
  const random = createSeededRandom(seed);
  const storage = libsqlStorage(client);
  const open = WIRES[WIRE_OF_LAP[lap % WIRE_OF_LAP.length] ?? 0] ?? memoryWire;
  const wire = await open();
  const exact = open !== aedesWire;
  const calls = Math.floor(room * CALLS);
  const outbox = createOutbox({ storage });
  const drafts = new DraftLap({ client, storage, outbox, wire, exact, random });
  try {
    await drafts.run(room - calls);
  } catch (thrown) {
    report.fault(seed, "drafts", thrown);
  } finally {
    await wire.close();
  }
  report.accepted += drafts.accepted;
  report.refused += drafts.refused;
  report.delivered += drafts.delivered;
  for (const fault of drafts.faults) report.fault(seed, "drafts", fault);
  await using deadLetters = createDeadLetters({ storage });
  await callAll({
    subjects: subjectsOf({ storage, deadLetters }),
    calls,
    seed,
    random,
    report,
  });
  report.inputs += room;
}

interface Calls {
  readonly subjects: ReturnType<typeof subjectsOf>;
  readonly calls: number;
  readonly seed: number;
  readonly random: SeededRandom;
  readonly report: Tally;
}

async function callAll(request: Calls): Promise<void> {
  const { subjects, calls, seed, random, report } = request;
  const names = [...subjects.keys()];
  for (let call = 0; call < calls; call++) {
    const name = random.pick(names);
    report.calls.set(name, (report.calls.get(name) ?? 0) + 1);
    try {
      await subjects.get(name)?.(random);
      report.accepted++;
    } catch (thrown) {
      report.refused++;
      const fault = faultOf(thrown);
      if (fault !== null) report.fault(seed, name, fault);
    }
  }
}
