/**
 * Other queues on SQLite, at the same work: store events, a transaction each,
 * then publish them with mqtt.js and an acknowledgement each.
 *
 * All of them set their connection to `synchronous=NORMAL`. None is an outbox:
 * where the table says that there is no order, a subscriber sees none.
 *
 * @module
 */

import { join } from "node:path";
import { removeDatabase } from "../database.ts";
import { compared, type Figure } from "../figure.ts";
import { install } from "../peers/install.ts";
import { type Entrant, ENTRANTS, OURS } from "../peers/roster.ts";
import { runProgram } from "../program.ts";
import type { PeerReport } from "../programs/peer.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast } from "../target.ts";

/** Holds us beside whoever can be installed. */
export const peers: Scenario = {
  name: "peers",
  summary: "events/s stored and published, beside other queues on SQLite",
  needsBroker: true,
  async run(bench) {
    const isOurs = ({ packages }: Entrant) => packages.length === 0;
    const others: Entrant[] = [];
    for (const entrant of ENTRANTS.filter((its) => !isOurs(its))) {
      if (await canRun(bench, entrant)) others.push(entrant);
    }
    if (others.length === 0) return [];
    const present = [...ENTRANTS.filter(isOurs), ...others];
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 3,
      warmUp: false,
      note: bench.note,
      contestants: present.map((entrant) => [
        entrant.name,
        () => work(bench, entrant, entrant.events / (bench.quick ? 10 : 1)),
      ]),
    });
    const beside = (against: string, of: keyof PeerReport): Figure =>
      compared({
        figure: of === "drained" ? "published" : "stored",
        unit: "events/s",
        ours: resultsOf(OURS).map((its) => its[of]),
        against,
        reference: resultsOf(against).map((its) => its[of]),
        // We at another level are no peer.
        ...of === "drained" && others.some(({ name }) => name === against) && {
          target: atLeast(1, "ratio"),
        },
      });
    const names = present.map(({ name }) => name).filter((its) => its !== OURS);
    return [
      ...names.map((name) => beside(name, "drained")),
      ...names.map((name) => beside(name, "enqueued")),
    ];
  },
};

/** Installs it and tries it; who fails is skipped, and that is said. */
async function canRun(bench: Bench, entrant: Entrant): Promise<boolean> {
  const { name, packages } = entrant;
  bench.note(`installing and trying: ${name}`);
  const installation = install(packages, { offline: bench.quick });
  if (installation.kind === "missing") {
    const how = bench.quick ? ": npm run bench -- peers installs it" : "";
    bench.skip(name, `${installation.reason}${how}`);
    return false;
  }
  try {
    await work(bench, entrant, Math.min(entrant.events, 50));
    return true;
  } catch (error) {
    bench.skip(name, error instanceof Error ? error.message : String(error));
    return false;
  }
}

async function work(
  { folder, brokerUrl }: Bench,
  { name }: Entrant,
  events: number,
): Promise<PeerReport> {
  const path = join(folder, "peer.db");
  removeDatabase(path);
  const order = { name, path, brokerUrl, events };
  return await runProgram<PeerReport>("peer", { order });
}
