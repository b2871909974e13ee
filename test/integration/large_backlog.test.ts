/**
 * A backlog of a million messages.
 */

import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import type {
  MeteredOrder,
  MeteredReport,
} from "../support/children/metered_relay.ts";
import { eventually } from "../support/eventually.ts";
import { program } from "../support/program.ts";
import { startScriptedBroker } from "../support/scripted_broker.ts";
import { copy, fill } from "../support/seeding.ts";

/**
 * With the heap of a small device: on a large one V8 leaves garbage lying
 * about, whatever the program needs.
 */
const startRelay = program<MeteredOrder, MeteredReport>("metered_relay", [
  "--max-old-space-size=64",
]);

const MESSAGES = 1_000_000;
const KEYS = 10_000;
const FIRST_WITHIN_MS = 500;
const MAX_GROWTH_BYTES = 100_000_000;
const RUN_MS = 4_000;

test(
  `with ${MESSAGES} messages waiting, the first leaves within ${FIRST_WITHIN_MS} ms, and memory stays below 100 MB more than idle`,
  { timeout: 120_000 },
  async () => {
    const database = await createBusinessDatabase();
    const { path } = database;
    const broker = await startScriptedBroker();
    onTestFinished(() => broker.close());
    await fill(database, { messages: KEYS, keys: KEYS });
    const filledAtMs = performance.now();
    const times = MESSAGES / KEYS - 1;
    await copy(database, { name: "copy", messages: KEYS, times });
    const fillMs = performance.now() - filledAtMs;
    expect(await database.backlog()).toBe(MESSAGES);

    const relay = await startRelay();
    relay.tell({ path, url: broker.url, warmUp: false });
    const { afterMs } = await relay.heard("first", 0);
    const startedAtMs = performance.now();
    await eventually(
      () => performance.now() - startedAtMs > RUN_MS,
      "the end of the run",
    );
    relay.signal("SIGTERM");
    const { delivered, grownBytes, loop } = await relay.heard("figures", 0);
    console.info(
      `filled in ${fillMs.toFixed()} ms; first after ${afterMs.toFixed()} ms; ` +
        `${delivered} delivered, ${(grownBytes / 1e6).toFixed()} MB more; ` +
        `blocked ${loop.blockedMs.slice(0, 3).map((ms) => ms.toFixed())} ms`,
    );
    expect(afterMs).toBeLessThan(FIRST_WITHIN_MS);
    expect(grownBytes).toBeLessThan(MAX_GROWTH_BYTES);
    expect(delivered).toBeGreaterThan(KEYS);
  },
);
