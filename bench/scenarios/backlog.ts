/**
 * Starting in front of a backlog: neither time nor memory may grow with it.
 *
 * @module
 */

import { backlogFile, copyOf } from "../database.ts";
import { alone, compared, type Figure } from "../figure.ts";
import { short } from "../report.ts";
import { runProgram } from "../program.ts";
import type { BacklogReport } from "../programs/backlog.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast, atMost, type Target } from "../target.ts";

const KEYS = 1_000;
/** What everything is compared with. */
const SMALL = 1_000;
/** What is delivered before the relay stops. */
const ENOUGH = 20_000;
const QUICK_ENOUGH = 5_000;
const MEBIBYTE = 2 ** 20;

/** Starts relays in front of 10³ to 10⁶ messages. */
export const backlog: Scenario = {
  name: "backlog",
  summary: "first publish after run() and memory, by the size of the backlog",
  needsBroker: true,
  run: (bench) =>
    bench.quick
      ? startAll(bench, { sizes: [SMALL, QUICK_ENOUGH, 20_000], rounds: 1 })
      : startAll(bench, {
        sizes: [SMALL, ENOUGH, 100_000, 1_000_000],
        rounds: 5,
      }),
};

/** Starts relays in front of 10⁷ messages: some minutes and 10 GB of disk. */
export const largeBacklog: Scenario = {
  name: "large-backlog",
  summary: "the same in front of 10,000,000 messages",
  needsBroker: true,
  isLong: true,
  run: (bench) =>
    startAll(bench, { sizes: [SMALL, ENOUGH, 10_000_000], rounds: 3 }),
};

async function startAll(
  bench: Bench,
  { sizes, rounds }: {
    readonly sizes: readonly [number, number, number, ...number[]];
    readonly rounds: number;
  },
): Promise<readonly Figure[]> {
  const enough = sizes[1];
  for (const size of sizes) {
    bench.note(`making a backlog of ${size}`);
    await backlogFile({ folder: bench.folder, events: size, keys: KEYS });
  }
  const resultsOf = await inRounds({
    rounds,
    note: bench.note,
    warmUp: !bench.quick,
    contestants: sizes.map((size) => [
      named(size),
      () => start(bench, size, enough),
    ]),
  });
  const figure = (size: number, aspect: Aspect): Figure => {
    const { name, unit, base, of, target } = aspect;
    const title = `${short(size)} messages: ${name}`;
    const ours = resultsOf(named(size)).map(of);
    if (size === base) return aloneOf(title, aspect, ours);
    const against = named(base);
    const reference = resultsOf(against).map(of);
    return compared({
      figure: title,
      unit,
      ours,
      against,
      reference,
      target,
    });
  };
  return aspectsOf(enough).flatMap((aspect) =>
    sizes.filter((size) => size >= aspect.base)
      .map((size) => figure(size, aspect))
  );
}

/** What is compared, with the smallest backlog that is large enough for it. */
interface Aspect {
  readonly name: string;
  readonly unit: string;
  readonly base: number;
  readonly of: (report: BacklogReport) => number;
  readonly target: Target;
}

/** The base has nothing beside it; it is held to a bound of its own only. */
function aloneOf(
  title: string,
  { unit, target }: Aspect,
  ours: readonly number[],
): Figure {
  return target.of === "ours"
    ? alone(title, unit, ours, target)
    : alone(title, unit, ours);
}

const aspectsOf = (enough: number): readonly Aspect[] => [
  {
    name: "first acknowledgement",
    unit: "ms",
    base: SMALL,
    of: ({ firstMs }) => firstMs,
    target: atMost(250),
  },
  {
    name: "memory above idle, first 1,000",
    unit: "MiB",
    base: SMALL,
    of: ({ fewBytes }) => fewBytes / MEBIBYTE,
    target: atMost(30, "difference"),
  },
  {
    name: `memory above idle, first ${short(enough)}`,
    unit: "MiB",
    base: enough,
    of: ({ allBytes }) => allBytes / MEBIBYTE,
    target: atMost(30, "difference"),
  },
  {
    name: `rate of the first ${short(enough)}`,
    unit: "events/s",
    base: enough,
    of: ({ eventsPerSecond }) => eventsPerSecond,
    target: atLeast(0.9, "ratio"),
  },
];

function named(size: number): string {
  return `${short(size)} messages`;
}

async function start(
  bench: Bench,
  size: number,
  enough: number,
): Promise<BacklogReport> {
  const { folder, brokerUrl } = bench;
  const path = copyOf(
    await backlogFile({ folder, events: size, keys: KEYS }),
    "backlog",
  );
  const order = { path, brokerUrl, events: Math.min(size, enough) };
  return runProgram<BacklogReport>("backlog", { order });
}
