/**
 * Flash: what an event costs the device at one event a second, and at 100.
 *
 * One event a transaction, and each delivered and recorded alone, as on a
 * quiet device. Time runs 150 times as fast, the lease with it. At 100 events
 * a second it runs as it does, and outcomes are recorded as they come. A broker
 * is not needed: it writes to no disk of ours.
 *
 * Bytes are the kernel's: pages of the process that became dirty, 4 KiB each,
 * without the journal of the file system. Syncs and the bytes that SQLite
 * itself asked for are counted by strace, in a run of their own.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkCounted } from "../device.ts";
import { compared, type Figure } from "../figure.ts";
import { runProgram } from "../program.ts";
import type {
  FlashManner,
  FlashOrder,
  FlashReport,
  HurriedManner,
} from "../programs/flash.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atMost } from "../target.ts";

const OURS: FlashManner = "outbox and relay";
const OTHERS = [
  "business row alone",
  "and message",
  "and message, deleted alone",
] as const satisfies readonly FlashManner[];

/** At 100 events a second, beside what must be written at the least. */
const HURRIED: readonly (readonly [HurriedManner, FlashManner])[] = [
  // A settle for each event, as none waits for another.
  ["outbox and relay, 100/s", "and message, deleted alone"],
  // A settle for a hundred.
  ["outbox and relay, 100/s, settleIdleMs 1,000", "and message"],
];
const KIBIBYTE = 2 ** 10;

/** Events that count, and those before them. */
type Pace = Pick<FlashOrder, "events" | "first">;

/** Counts the bytes and the syncs of single events. */
export const flash: Scenario = {
  name: "flash",
  summary: "bytes written and syncs per event at 1 and at 100 events a second",
  needsBroker: false,
  async run(bench) {
    checkCounted();
    const pace: Pace = bench.quick
      ? { events: 60, first: 60 }
      : { events: 1_500, first: 300 };
    const manners = [...OTHERS, OURS];
    const hurried = HURRIED.map(([manner]) => manner);
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 3,
      warmUp: false,
      note: bench.note,
      contestants: [...manners, ...hurried].map((manner) => [
        manner,
        () => bytesOf(bench, manner, pace),
      ]),
    });
    const figures = OTHERS.map((against): Figure =>
      compared({
        figure: "written to the device",
        unit: "KiB/event",
        ours: resultsOf(OURS),
        against,
        reference: resultsOf(against),
        // The floor: row and message in one commit, the settle in another.
        ...against === "and message, deleted alone" && {
          target: atMost(1.15, "ratio"),
        },
      })
    );
    const hurriedFigures = HURRIED.map(([manner, against]): Figure =>
      compared({
        figure: manner.replace("outbox and relay, ", "at "),
        unit: "KiB/event",
        ours: resultsOf(manner),
        against,
        reference: resultsOf(against),
        target: atMost(1.2, "ratio"),
      })
    );
    return [
      ...figures,
      ...hurriedFigures,
      ...await traced(bench, pace, manners),
    ];
  },
};

async function bytesOf(
  { folder }: Bench,
  manner: FlashManner,
  pace: Pace,
): Promise<number> {
  const order = { manner, folder, ...pace };
  const report = await runProgram<FlashReport>("flash", { order });
  if (manner === OURS && report.grouped > 0) {
    throw new Error(`${report.grouped} settles were not of one event`);
  }
  return report.writtenBytes / KIBIBYTE / pace.events;
}

/** System calls per event. */
interface Calls {
  readonly syncs: number;
  readonly writtenKiB: number;
}

async function traced(
  bench: Bench,
  pace: Pace,
  manners: readonly FlashManner[],
): Promise<Figure[]> {
  if (spawnSync("strace", ["-V"]).status !== 0) {
    bench.skip("syncs", "strace is not installed");
    return [];
  }
  const calls = new Map<FlashManner, Calls>();
  for (const manner of manners) {
    bench.note(`counting system calls: ${manner}`);
    calls.set(manner, await callsOf(bench, manner, pace));
  }
  const figure = (name: string, unit: string, of: keyof Calls) =>
    OTHERS.map((against) =>
      compared({
        figure: name,
        unit,
        ours: [calls.get(OURS)![of]],
        against,
        reference: [calls.get(against)![of]],
      })
    );
  return [
    ...figure("syncs", "per event", "syncs"),
    ...figure("written by SQLite", "KiB/event", "writtenKiB"),
  ];
}

async function callsOf(
  { folder }: Bench,
  manner: FlashManner,
  pace: Pace,
): Promise<Calls> {
  const log = join(folder, "calls.log");
  rmSync(log, { force: true });
  const trace = "trace=fsync,fdatasync,pwrite64";
  await runProgram<FlashReport>("flash", {
    order: { manner, folder, ...pace },
    under: ["strace", "-f", "-y", "-s", "0", "-e", trace, "-o", log],
  });
  const lines = readFileSync(log, "utf8").split("\n");
  const at = (mark: string) =>
    lines.findIndex((line) => line.includes(`/${mark}>`));
  const between = lines.slice(at("begin") + 1, at("end"));
  const syncs = between.filter((line) => /\bf(data)?sync\(/.test(line));
  const bytes = between.map((line) =>
    Number(/\bpwrite64\(.*= (\d+)$/.exec(line)?.[1] ?? 0)
  );
  return {
    syncs: syncs.length / pace.events,
    writtenKiB: bytes.reduce((sum, its) => sum + its, 0) / KIBIBYTE /
      pace.events,
  };
}
