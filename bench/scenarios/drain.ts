/**
 * Draining a backlog: as fast as mqtt.js can publish at all?
 *
 * @module
 */

import { join } from "node:path";
import { backlogFile, copyOf, removeDatabase } from "../database.ts";
import { compared, type Figure } from "../figure.ts";
import { naiveBacklog, naiveRun } from "../naive_outbox.ts";
import { publishLoop } from "../publish_loop.ts";
import { relayRun } from "../relay_run.ts";
import { type Contestant, inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";

const KEYS = 1_000;
const WINDOWS = [64, 256] as const;

/** Drains 100,000 events of 1,000 keys. */
export const drain: Scenario = {
  name: "drain",
  summary: "events/s out of a backlog, beside mqtt.js alone and a naive outbox",
  needsBroker: true,
  async run(bench) {
    const events = bench.quick ? 10_000 : 100_000;
    const naiveEvents = bench.quick ? 300 : 3_000;
    const resultsOf = await inRounds({
      rounds: bench.quick ? 2 : 5,
      note: bench.note,
      contestants: [
        ["naive outbox", () => naive(bench, naiveEvents)],
        ...WINDOWS.flatMap((window) => contestants(bench, window, events)),
      ],
    });
    const figures: Figure[] = [];
    for (const window of WINDOWS) {
      for (const format of ["cloudevents", "raw"] as const) {
        const ours = resultsOf(oursAt(window, format));
        const figure = `${format}, window ${window}`;
        const beside = (against: string, reference: readonly number[]) =>
          figures.push(
            compared({ figure, unit: "events/s", ours, against, reference }),
          );
        if (format === "cloudevents") {
          beside("mqtt.js, same packets", resultsOf(theirsAt(window, true)));
        }
        beside("mqtt.js, bare payload", resultsOf(theirsAt(window, false)));
        beside("naive outbox", resultsOf("naive outbox"));
      }
    }
    return figures;
  },
};

const oursAt = (window: number, format: string) =>
  `relay, ${format}, window ${window}`;
const theirsAt = (window: number, attributes: boolean) =>
  `mqtt.js, ${attributes ? "same packets" : "bare payload"}, window ${window}`;

function contestants(
  bench: Bench,
  window: number,
  events: number,
): Contestant<number>[] {
  const { brokerUrl, folder } = bench;
  const ours = async (format: "cloudevents" | "raw") => {
    const path = copyOf(
      await backlogFile({ folder, events, keys: KEYS }),
      "drain",
    );
    const mqtt = { window, format };
    return perSecond(events, await relayRun({ path, brokerUrl, events, mqtt }));
  };
  const theirs = async (attributes: boolean) => {
    const loop = { brokerUrl, events, keys: KEYS, window, attributes };
    return perSecond(events, await publishLoop(loop));
  };
  return [
    [oursAt(window, "cloudevents"), () => ours("cloudevents")],
    [theirsAt(window, true), () => theirs(true)],
    [oursAt(window, "raw"), () => ours("raw")],
    [theirsAt(window, false), () => theirs(false)],
  ];
}

async function naive(bench: Bench, events: number): Promise<number> {
  const path = join(bench.folder, "naive.db");
  removeDatabase(path);
  await naiveBacklog(path, { events, keys: KEYS });
  return perSecond(events, await naiveRun(path, bench.brokerUrl));
}

function perSecond(events: number, tookMs: number): number {
  return events / tookMs * 1_000;
}
