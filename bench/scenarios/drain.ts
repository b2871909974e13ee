/**
 * Draining a backlog: as fast as mqtt.js can publish at all?
 *
 * @module
 */

import type { StorageBase } from "@mailboat/outbox";
import { nodeSqliteStorage } from "@mailboat/outbox/node-sqlite";
import { join } from "node:path";
import process from "node:process";
import { backlogFile, copyOf, removeDatabase } from "../database.ts";
import { compared, type Figure } from "../figure.ts";
import { naiveBacklog, naiveRun } from "../naive_outbox.ts";
import { publishLoop } from "../publish_loop.ts";
import { relayRun } from "../relay_run.ts";
import { type Contestant, inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast, type Target } from "../target.ts";

const KEYS = 1_000;

/**
 * Windows: the worst there is, what Mosquitto grants unless it is configured,
 * our default, and a large one. The slow ones get a share of the events.
 */
const WINDOWS = [
  { window: 1, share: 0.05 },
  { window: 20, share: 0.2 },
  { window: 64, share: 1 },
  { window: 256, share: 1 },
] as const;

const NAIVE = "naive outbox";
/** The same relay on another driver, where this runtime has it. */
const NODE_SQLITE = "relay on node:sqlite";
const hasNodeSqlite = process.getBuiltinModule?.("node:sqlite") !== undefined;

/** What goes on the wire: our default, and the least that carries an id. */
const FORMATS = ["cloudevents", "raw"] as const;
type Format = typeof FORMATS[number];

/** Drains 100,000 events of 1,000 keys. */
export const drain: Scenario = {
  name: "drain",
  summary: "events/s out of a backlog, beside mqtt.js alone and a naive outbox",
  needsBroker: true,
  async run(bench) {
    const events = bench.quick ? 4_000 : 100_000;
    const naiveEvents = bench.quick ? 300 : 3_000;
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 5,
      warmUp: !bench.quick,
      note: bench.note,
      contestants: [
        [NAIVE, () => naive(bench, naiveEvents)],
        ...WINDOWS.flatMap(({ window, share }) =>
          contestants(bench, window, events * share)
        ),
      ],
    });
    const figure = (
      window: number,
      format: Format,
      against: string,
      target?: Target,
    ): Figure =>
      compared({
        figure: `${format}, window ${window}`,
        unit: "events/s",
        ours: resultsOf(at("relay", format, window)),
        against: against === NAIVE ? NAIVE : `mqtt.js, ${against}`,
        reference: resultsOf(
          against === NAIVE ? NAIVE : at("mqtt.js", against, window),
        ),
        ...target && { target },
      });
    const enough = atLeast(0.9, "ratio");
    if (!hasNodeSqlite) {
      bench.skip(NODE_SQLITE, "this runtime has no node:sqlite (Node 22.16)");
    }
    return WINDOWS.flatMap(({ window, share }) => [
      ...(hasNodeSqlite
        ? [compared({
          figure: `node:sqlite, window ${window}`,
          unit: "events/s",
          ours: resultsOf(at(NODE_SQLITE, "cloudevents", window)),
          against: "mqtt.js, same packets",
          reference: resultsOf(at("mqtt.js", "same packets", window)),
        })]
        : []),
      figure(window, "cloudevents", "same packets", enough),
      figure(window, "cloudevents", "bare payload"),
      figure(window, "raw", "bare payload", enough),
      figure(
        window,
        "cloudevents",
        NAIVE,
        share === 1 ? atLeast(15, "ratio") : undefined,
      ),
    ]);
  },
};

function at(who: string, what: string, window: number): string {
  return `${who}, ${what}, window ${window}`;
}

function contestants(
  { brokerUrl, folder }: Bench,
  window: number,
  events: number,
): Contestant<number>[] {
  const backlog = { folder, events, keys: KEYS };
  const ours = (
    format: Format,
    who = "relay",
    storageAt?: (path: string) => StorageBase,
  ): Contestant<number> => [
    at(who, format, window),
    async () => {
      const path = copyOf(await backlogFile(backlog), "drain");
      const mqtt = { window, format };
      const run = { path, brokerUrl, events, mqtt };
      const tookMs = await relayRun(
        storageAt === undefined ? run : { ...run, storageAt },
      );
      return perSecond(events, tookMs);
    },
  ];
  const theirs = (what: string, attributes: boolean): Contestant<number> => [
    at("mqtt.js", what, window),
    async () => {
      const loop = { brokerUrl, events, keys: KEYS, window, attributes };
      return perSecond(events, await publishLoop(loop));
    },
  ];
  return [
    ours("cloudevents"),
    ...(hasNodeSqlite
      ? [ours("cloudevents", NODE_SQLITE, nodeSqliteStorage)]
      : []),
    theirs("same packets", true),
    ours("raw"),
    theirs("bare payload", false),
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
