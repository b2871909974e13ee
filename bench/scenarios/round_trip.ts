/**
 * A broker far away: with so many messages under way, is the line full?
 *
 * No publisher passes more than its window in a round trip. A message takes
 * up room in ours until it is recorded, so the record is part of the way.
 *
 * @module
 */

import { backlogFile, copyOf } from "../database.ts";
import { type Distance, distanceTo } from "../distance.ts";
import { compared, type Figure } from "../figure.ts";
import { publishLoop } from "../publish_loop.ts";
import { relayRun } from "../relay_run.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast } from "../target.ts";

/** The default. */
const WINDOW = 64;
const KEYS = 1_000;

/** One way of going there and back. */
interface Route {
  readonly roundTripMs: number;
  /** How many may be under way: the window, or one where there is one key. */
  readonly underWay: number;
  /** Whether the broker sends an answer as soon as it has it. */
  readonly isPrompt: boolean;
  /** How often so many go. */
  readonly times: number;
  readonly quickTimes: number | null;
}

const FULL = { underWay: WINDOW, isPrompt: false };

const ROUTES: readonly Route[] = [
  { ...FULL, roundTripMs: 50, times: 60, quickTimes: 10 },
  { ...FULL, roundTripMs: 50, times: 60, quickTimes: 10, isPrompt: true },
  { ...FULL, roundTripMs: 300, times: 12, quickTimes: 3 },
  { ...FULL, roundTripMs: 600, times: 8, quickTimes: null },
  { ...FULL, roundTripMs: 50, times: 60, quickTimes: 15, underWay: 1 },
];

/** Without it Mosquitto keeps most answers back until more is sent. */
const PROMPT = "set_tcp_nodelay true";

/** Drains through a line with a delay. */
export const roundTrip: Scenario = {
  name: "round-trip",
  summary: "events/s to a broker far away, beside window ÷ round trip",
  needsBroker: true,
  async run(bench) {
    const routes = ROUTES.flatMap(({ quickTimes, ...route }) =>
      !bench.quick
        ? [route]
        : quickTimes === null
        ? []
        : [{ ...route, times: quickTimes }]
    );
    const promptUrl = await bench.startBroker([PROMPT]);
    const distance = await distanceTo(
      routes.map(({ roundTripMs, isPrompt }) => ({
        brokerUrl: isPrompt ? promptUrl : bench.brokerUrl,
        roundTripMs,
      })),
    );
    try {
      const resultsOf = await inRounds({
        rounds: bench.quick ? 1 : 3,
        warmUp: false,
        note: bench.note,
        contestants: routes.flatMap((route, at) => [
          [`relay, ${named(route)}`, () => relay(bench, distance, route, at)],
          [`mqtt.js, ${named(route)}`, () => mqttJs(distance, route, at)],
        ]),
      });
      return routes.flatMap((route): Figure[] => {
        const ours = resultsOf(`relay, ${named(route)}`);
        const its = { figure: named(route), unit: "events/s", ours };
        const limit = route.underWay / route.roundTripMs * 1_000;
        return [
          compared({
            ...its,
            against: "window ÷ round trip",
            reference: ours.map(() => limit),
            target: atLeast(0.9, "ratio"),
          }),
          compared({
            ...its,
            against: "mqtt.js",
            reference: resultsOf(`mqtt.js, ${named(route)}`),
          }),
        ];
      });
    } finally {
      await distance.close();
    }
  },
};

type Going = Omit<Route, "quickTimes">;

function named({ roundTripMs, underWay, isPrompt }: Going): string {
  const what = underWay === 1 ? "one key" : `window ${underWay}`;
  return `${roundTripMs} ms, ${what}${isPrompt ? `, ${PROMPT}` : ""}`;
}

function relay(
  { folder }: Bench,
  distance: Distance,
  { underWay, times }: Going,
  at: number,
): Promise<number> {
  const events = underWay * times;
  return rateOf(events, underWay, async (arrived) => {
    const keys = underWay === 1 ? 1 : KEYS;
    const backlog = await backlogFile({ folder, events, keys });
    await relayRun({
      path: copyOf(backlog, "round_trip"),
      brokerUrl: distance.url(at),
      events,
      mqtt: { window: WINDOW },
      relay: {
        observe: ({ type }) => {
          if (type === "message.delivered") arrived();
        },
      },
    });
  });
}

function mqttJs(
  distance: Distance,
  { underWay, times }: Going,
  at: number,
): Promise<number> {
  const events = underWay * times;
  return rateOf(events, underWay, async (arrived) => {
    await publishLoop({
      brokerUrl: distance.url(at),
      events,
      keys: KEYS,
      window: underWay,
      attributes: true,
      onAcknowledged: arrived,
    });
  });
}

/** The rate once the line is full: from the end of the first window on. */
async function rateOf(
  events: number,
  window: number,
  work: (arrived: () => void) => Promise<void>,
): Promise<number> {
  let count = 0;
  let fullMs = NaN;
  let lastMs = NaN;
  await work(() => {
    count += 1;
    if (count === window) fullMs = performance.now();
    if (count === events) lastMs = performance.now();
  });
  return (events - window) / (lastMs - fullMs) * 1_000;
}
