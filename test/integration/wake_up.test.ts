/**
 * A relay learns of commits by other processes.
 */

import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { startObservedBroker } from "../support/observed_broker.ts";
import { relayProgram, steppedWriterProgram } from "../support/processes.ts";

const startRelay = relayProgram();
const startWriter = steppedWriterProgram();

/** Once to a relay without a lease, once to one that has it. */
const COMMITS = 2;

test.for(
  [
    // It looks ever more rarely: after this long not again before it has been
    // idle for twice as long, so that only the hint explains what comes sooner.
    ["within a second of the commit, though it polls once a minute", {
      hints: true,
      pollMs: 60_000,
      idleMs: 2_200,
      withinMs: 1_000,
    }],
    ["within its poll interval where it cannot watch the file", {
      hints: false,
      pollMs: 500,
      idleMs: 1_250,
      // The poll, and what it takes to connect and to send.
      withinMs: 500 + 400,
    }],
  ] as const,
)(
  "an idle relay delivers what another process commits: %s",
  async ([, { hints, pollMs, idleMs, withinMs }], context) => {
    const broker = await startObservedBroker(context);
    const database = await createBusinessDatabase();
    const writer = await startWriter(database);
    const relay = await startRelay();
    relay.tell({
      path: database.path,
      url: broker.url,
      hints,
      relay: { pollMs },
    });
    await relay.heard("store.opened", 0);
    const delaysMs: number[] = [];
    for (let commit = 1; commit <= COMMITS; commit++) {
      await pause(idleMs);
      await writer.commit("k1", commit);
      const committedAtMs = performance.now();
      await broker.reached(commit);
      delaysMs.push(Math.round(performance.now() - committedAtMs));
    }
    console.info(`hints ${hints}: delivered after ${delaysMs.join(", ")} ms`);
    expect(Math.max(...delaysMs)).toBeLessThan(withinMs);
  },
);
