/**
 * The event loop at full drain: how long everything else has to wait.
 *
 * @module
 */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { backlogFile, copyOf } from "../database.ts";
import { compared } from "../figure.ts";
import { publishLoop } from "../publish_loop.ts";
import { relayRun } from "../relay_run.ts";
import { type Contestant, inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atMost } from "../target.ts";

const KEYS = 1_000;
const WINDOWS = [64, 256] as const;
/** The timer that feeds the histogram; it is late by what is measured. */
const RESOLUTION_MS = 1;

/** Measures the delay of timers while a backlog drains. */
export const eventLoop: Scenario = {
  name: "event-loop",
  summary: "how late timers are at full drain, beside mqtt.js alone",
  needsBroker: true,
  async run(bench) {
    const events = bench.quick ? 5_000 : 100_000;
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 5,
      warmUp: !bench.quick,
      note: bench.note,
      contestants: WINDOWS.flatMap((window) =>
        contestants(bench, window, events)
      ),
    });
    return WINDOWS.flatMap((window) =>
      (["p50", "p99", "max"] as const).map((at) =>
        compared({
          figure: `window ${window}, ${at}`,
          unit: "ms",
          ours: resultsOf(`relay, window ${window}`).map((delay) => delay[at]),
          against: "mqtt.js, same packets",
          reference: resultsOf(`mqtt.js, window ${window}`)
            .map((delay) => delay[at]),
          ...at === "p99" && { target: atMost(10) },
        })
      )
    );
  },
};

interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

function contestants(
  { brokerUrl, folder }: Bench,
  window: number,
  events: number,
): Contestant<Delay>[] {
  const backlog = { folder, events, keys: KEYS };
  const ours = async () => {
    const path = copyOf(await backlogFile(backlog), "event_loop");
    const mqtt = { window };
    return delayDuring(() => relayRun({ path, brokerUrl, events, mqtt }));
  };
  const theirs = () => {
    const loop = { brokerUrl, events, keys: KEYS, window, attributes: true };
    return delayDuring(() => publishLoop(loop));
  };
  return [
    [`relay, window ${window}`, ours],
    [`mqtt.js, window ${window}`, theirs],
  ];
}

async function delayDuring(work: () => Promise<unknown>): Promise<Delay> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  await work();
  histogram.disable();
  // The histogram holds the time between two timers, their wait included.
  const ms = (nanoseconds: number) =>
    Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    max: ms(histogram.max),
  };
}
