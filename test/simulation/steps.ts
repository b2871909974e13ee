/**
 * Steps: what is done in a scenario.
 *
 * @module
 */

import type { World } from "./world.ts";
import type { Writing } from "./writing.ts";

/** Something that is done in a scenario. */
export type Step = (stage: {
  readonly world: World;
  readonly writing: Writing;
}) => unknown;

/** Commits messages in one transaction: their keys, `-` for none. */
export const commit =
  (keys: string, onDead: "skip" | null = null): Step => ({ writing }) =>
    writing.write({ keys: keysOf(keys), onDead, holdMs: 0, end: "commit" });

/** The same, each message to live so long, in ms. */
export const commitMortal =
  (keys: string, ...ttlsMs: (number | null)[]): Step => ({ writing }) => {
    const left = ttlsMs[Symbol.iterator]();
    return writing.write({
      keys: keysOf(keys),
      onDead: null,
      ttlMs: () => left.next().value ?? null,
      holdMs: 0,
      end: "commit",
    });
  };

/** Writes messages, and rolls back. */
export const rollBack = (keys: string): Step => ({ writing }) =>
  writing.write({
    keys: keysOf(keys),
    onDead: null,
    holdMs: 0,
    end: "rollback",
  });

/** Commits messages after the transaction was open for a while. */
export const commitSlowly = (keys: string): Step => ({ writing }) =>
  writing.write({
    keys: keysOf(keys),
    onDead: null,
    holdMs: 100,
    end: "commit",
  });

/** Kills or pauses a process. */
export const hit =
  (place: number, kind: "kill" | "pause"): Step => ({ world }) => {
    const process = world.processes[place];
    if (process !== undefined) world.hit(process, kind);
  };

/** Everything goes dark at once. */
export const cutPower: Step = ({ world }) => world.cutPower();

/** Stops a relay in good order; another one follows. */
export const stop = (graceMs: number): Step => ({ world }) => {
  const [process] = world.processes;
  if (process === undefined || process.isKilled || process.isStopping) return;
  void world.stop(process, graceMs).then(() => world.start(0));
};

/** Cuts every connection. */
export const cut = (onTheWire: "lost" | "received"): Step => ({ world }) =>
  world.cut(onTheWire);

/** The broker goes away. */
export const down: Step = ({ world }) =>
  world.broker.down("TRANSPORT_UNAVAILABLE");

/** The broker says no. */
export const shut: Step = ({ world }) => world.broker.down("TRANSPORT_REFUSED");

/** The broker comes back. */
export const up: Step = ({ world }) => world.broker.up();

/** The broker hangs. */
export const hang =
  (at: "connect" | "arrival" | "acknowledgement"): Step => ({ world }) =>
    world.broker.hang(at);

/** The broker hangs no more. */
export const release: Step = ({ world }) => world.broker.release();

/** An operator brings all dead letters back. */
export const retry: Step = ({ world }) => world.operator.retry();

/** An operator gives the first dead letter up. */
export const discard: Step = async ({ world }) => {
  const [letter] = await world.operator.list();
  if (letter !== undefined) await world.operator.discard(letter.message);
};

/** Moves every wall clock, in ms. */
export const jump = (ms: number): Step => ({ world }) => {
  for (const { clock } of world.processes) clock.jumpWall(ms);
};

function keysOf(keys: string): (string | null)[] {
  return keys.split(" ").map((key) => key === "-" ? null : key);
}
