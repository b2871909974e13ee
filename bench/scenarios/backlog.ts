/**
 * Starting in front of a backlog: neither time nor memory may grow with it.
 *
 * @module
 */

import { backlogFile, copyOf } from "../database.ts";
import { alone, compared, type Figure } from "../figure.ts";
import { runProgram } from "../program.ts";
import type { BacklogReport } from "../programs/backlog.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KEYS = 1_000;
/** What everything is compared with. */
const SMALL = 1_000;
/** What is delivered before the relay stops. */
const ENOUGH = 20_000;
const MEBIBYTE = 2 ** 20;

/** Starts relays in front of 10³ to 10⁶ messages. */
export const backlog: Scenario = {
  name: "backlog",
  summary: "first publish after run() and memory, by the size of the backlog",
  needsBroker: true,
  async run(bench) {
    const sizes = bench.quick
      ? [SMALL, ENOUGH, 100_000]
      : [SMALL, ENOUGH, 100_000, 1_000_000];
    for (const size of sizes) {
      bench.note(`making a backlog of ${size}`);
      await backlogFile({ folder: bench.folder, events: size, keys: KEYS });
    }
    const resultsOf = await inRounds({
      rounds: bench.quick ? 2 : 5,
      note: bench.note,
      warmUp: !bench.quick,
      contestants: sizes.map((size) => [
        `${size} messages`,
        () => start(bench, size),
      ]),
    });
    const figure = (size: number, { name, unit, base, of }: Aspect): Figure => {
      const title = `${size} messages: ${name}`;
      const ours = resultsOf(`${size} messages`).map(of);
      if (size === base) return alone(title, unit, ours);
      const against = `${base} messages`;
      const reference = resultsOf(against).map(of);
      return compared({ figure: title, unit, ours, against, reference });
    };
    return ASPECTS.flatMap((aspect) =>
      sizes.filter((size) => size >= aspect.base)
        .map((size) => figure(size, aspect))
    );
  },
};

/** What is compared, with the smallest backlog that is large enough for it. */
interface Aspect {
  readonly name: string;
  readonly unit: string;
  readonly base: number;
  readonly of: (report: BacklogReport) => number;
}

const ASPECTS: readonly Aspect[] = [
  {
    name: "first acknowledgement",
    unit: "ms",
    base: SMALL,
    of: ({ firstMs }) => firstMs,
  },
  {
    name: "memory above idle, first 1,000",
    unit: "MiB",
    base: SMALL,
    of: ({ fewBytes }) => fewBytes / MEBIBYTE,
  },
  {
    name: "memory above idle, first 20,000",
    unit: "MiB",
    base: ENOUGH,
    of: ({ allBytes }) => allBytes / MEBIBYTE,
  },
  {
    name: "rate of the first 20,000",
    unit: "events/s",
    base: ENOUGH,
    of: ({ eventsPerSecond }) => eventsPerSecond,
  },
];

async function start(bench: Bench, size: number): Promise<BacklogReport> {
  const { folder, brokerUrl } = bench;
  const path = copyOf(
    await backlogFile({ folder, events: size, keys: KEYS }),
    "backlog",
  );
  const order = { path, brokerUrl, events: Math.min(size, ENOUGH) };
  return runProgram<BacklogReport>("backlog", { order });
}
