/**
 * The verdict on a soak: whether what should be flat is flat.
 *
 * @module
 */

import type { Course } from "../course.ts";
import { alone, type Figure } from "../figure.ts";
import { quantile, spreadOf } from "../statistics.ts";
import { atLeast, atMost } from "../target.ts";
import type { Ledger } from "./ledger.ts";

/** What was seen at one time, of the stretch since the time before. */
export interface Sample {
  readonly minute: number;
  readonly rssMiB: number;
  readonly heapMiB: number;
  readonly fileMiB: number;
  readonly walMiB: number;
  /** Commit to subscriber; `null` where an outage held up most. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Committed and not arrived. */
  readonly backlog: number;
  /** The machine's load. */
  readonly load: number;
  readonly committedPerSecond: number;
}

type Measure = Exclude<keyof Sample, "minute">;

/**
 * What is to be flat. The median of the last third may exceed that of the
 * middle third by a tenth, and by the slack: the first third is for warming up.
 */
const FLAT: readonly (readonly [
  measure: Measure,
  name: string,
  unit: string,
  slack: number,
])[] = [
  ["rssMiB", "relay, resident", "MiB", 4],
  ["heapMiB", "relay, heap used", "MiB", 4],
  ["fileMiB", "database file", "MiB", 0.25],
  ["walMiB", "write-ahead log", "MiB", 0.25],
  ["p50Ms", "commit to subscriber, p50", "ms", 5],
  ["p99Ms", "commit to subscriber, p99", "ms", 25],
];

/** What a soak was meant to be. */
export interface Plan {
  readonly eventsPerSecond: number;
  /** Unacknowledged messages of the relay: so many may come twice after a restart. */
  readonly window: number;
}

/** The figures. */
export function verdictOf(
  samples: readonly Sample[],
  ledger: Ledger,
  { eventsPerSecond, window }: Plan,
): readonly Figure[] {
  const { outages } = ledger;
  const most = Math.max(0, ...outages.map(({ duplicates }) => duplicates));
  return [
    alone(
      "committed",
      "events/s",
      [ledger.committedPerSecond],
      atLeast(0.99 * eventsPerSecond),
    ),
    alone("committed, all together", "events", [ledger.committed]),
    alone("restarts of the broker", "restarts", [outages.length]),
    alone("lost", "events", [ledger.underWay], atMost(0)),
    alone("arrived uncommitted", "events", [ledger.uncommitted], atMost(0)),
    alone("out of order", "events", [ledger.outOfOrder], atMost(0)),
    alone("duplicates, most of one restart", "events", [most], atMost(window)),
    alone(
      "duplicates, all together",
      "events",
      [ledger.duplicates],
      atMost(window * outages.length),
    ),
    alone("delivered again by the broker", "events", [ledger.redeliveries]),
    ...FLAT.flatMap(([measure, name, unit, slack]) =>
      flat({ name, unit, slack, values: valuesOf(samples, measure) })
    ),
    ...caughtUp(ledger),
  ];
}

/** The same over time. */
export function courseOf(
  samples: readonly Sample[],
  { outages }: Ledger,
  beganMs: number,
): Course {
  const line = (name: string, measure: Measure) => ({
    name,
    values: samples.map((its) => rounded(its[measure])),
  });
  return {
    minutes: samples.map(({ minute }) => rounded(minute)!),
    mark: "restart of the broker",
    marks: outages.map(({ stoppedAtMs }) =>
      rounded((stoppedAtMs - beganMs) / 60_000)!
    ),
    panels: [
      {
        title: "Memory of the relay",
        unit: "MiB",
        lines: [line("resident", "rssMiB"), line("heap used", "heapMiB")],
      },
      {
        title: "Files",
        unit: "MiB",
        lines: [line("database", "fileMiB"), line("log (WAL)", "walMiB")],
      },
      {
        title: "Commit to subscriber, without what an outage held up",
        unit: "ms",
        lines: [line("p99", "p99Ms"), line("p50", "p50Ms")],
      },
      {
        title: "Committed and not arrived",
        unit: "events",
        lines: [line("backlog", "backlog")],
      },
      {
        title: "Load of the machine (two cores, not ours alone)",
        unit: "",
        lines: [line("1 minute", "load")],
      },
    ],
  };
}

function flat({ name, unit, slack, values }: {
  readonly name: string;
  readonly unit: string;
  readonly slack: number;
  readonly values: readonly number[];
}): readonly Figure[] {
  const third = Math.floor(values.length / 3);
  if (third === 0) return [];
  const middle = spreadOf(values.slice(third, 2 * third));
  const last = spreadOf(values.slice(2 * third));
  const ratio = last.median / middle.median;
  return [{
    figure: `${name}, last third`,
    unit,
    ours: last,
    against: "middle third",
    reference: middle,
    ratio: spreadOf([ratio]),
    target: atMost(rounded(middle.median * 0.1 + slack)!, "difference"),
  }];
}

function caughtUp({ outages, heldUp, longestMs }: Ledger): readonly Figure[] {
  const tookMs = outages.flatMap(({ backAtMs, caughtUpAtMs }) =>
    backAtMs === null || caughtUpAtMs === null ? [] : [caughtUpAtMs - backAtMs]
  );
  return tookMs.length === 0 ? [] : [
    alone("broker back to caught up", "ms", tookMs),
    alone("held up by an outage", "events", [heldUp]),
    alone("held up by an outage, longest", "ms", [longestMs]),
  ];
}

/** The quantile of a stretch, or `null` where too little is left to tell it. */
export function quantileOf(
  tookMs: readonly number[],
  share: number,
): number | null {
  return tookMs.length < 100 ? null : quantile(tookMs, share);
}

function valuesOf(samples: readonly Sample[], measure: Measure): number[] {
  return samples.map((its) => its[measure]).filter((value) => value !== null);
}

/** What is kept need not be longer than what was measured. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1_000) / 1_000;
}
