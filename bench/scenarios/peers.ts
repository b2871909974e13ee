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
    const present = ENTRANTS.filter((entrant) => isPresent(bench, entrant));
    if (present.every(isOurs)) return [];
    const failed = new Set<string>();
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 3,
      warmUp: false,
      note: bench.note,
      contestants: present.map((entrant) => [
        entrant.name,
        () => attempt(bench, entrant, failed),
      ]),
    });
    const beside = (against: Entrant, of: keyof PeerReport): Figure =>
      compared({
        figure: of === "drained" ? "published" : "stored",
        unit: "events/s",
        ours: resultsOf(OURS).map((its) => its?.[of] ?? NaN),
        against: against.name,
        reference: resultsOf(against.name).map((its) => its?.[of] ?? NaN),
        // We at another level are no peer.
        ...of === "drained" && !isOurs(against) && {
          target: atLeast(1, "ratio"),
        },
      });
    const others = present.filter(({ name }) =>
      name !== OURS && !failed.has(name)
    );
    return [
      ...others.map((entrant) => beside(entrant, "drained")),
      ...others.map((entrant) => beside(entrant, "enqueued")),
    ];
  },
};

function isOurs({ packages }: Entrant): boolean {
  return packages.length === 0;
}

/** Installs it; who cannot be is skipped, and that is said. */
function isPresent(bench: Bench, { name, packages }: Entrant): boolean {
  if (!bench.quick) bench.note(`installing: ${name}`);
  const installation = install(packages, { offline: bench.quick });
  if (installation.kind === "installed") return true;
  const how = bench.quick ? ": npm run bench -- peers installs it" : "";
  bench.skip(name, `${installation.reason}${how}`);
  return false;
}

/** Lets it work; who fails is skipped from then on, and that is said. */
async function attempt(
  bench: Bench,
  entrant: Entrant,
  failed: Set<string>,
): Promise<PeerReport | null> {
  if (failed.has(entrant.name)) return null;
  try {
    return await work(bench, entrant);
  } catch (error) {
    // Without ourselves there is nothing to compare.
    if (isOurs(entrant)) throw error;
    failed.add(entrant.name);
    bench.skip(
      entrant.name,
      error instanceof Error ? error.message : String(error),
    );
    return null;
  }
}

async function work(
  { folder, brokerUrl, quick }: Bench,
  { name, events: all }: Entrant,
): Promise<PeerReport> {
  const events = quick ? all / 10 : all;
  const path = join(folder, "peer.db");
  removeDatabase(path);
  const order = { name, path, brokerUrl, events };
  return await runProgram<PeerReport>("peer", { order });
}
