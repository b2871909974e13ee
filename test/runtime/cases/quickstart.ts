/**
 * The README's first program, as it stands there; only the broker is one that
 * is at hand.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";
import { deepEqual } from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { startScriptedBroker } from "../../support/scripted_broker.ts";

/** Where the project has it; the file beside it is the one that runs. */
const quickstart = new URL("../quickstart.mjs", import.meta.url);
const adapted = new URL("../quickstart_at_hand.mjs", import.meta.url);

/** One case: it prints what the README says, and the broker has the message. */
export const cases: readonly ConformanceCase[] = [
  { name: "the quickstart delivers its message", run: followReadme },
];

async function followReadme(): Promise<void> {
  const broker = await startScriptedBroker();
  const text = readFileSync(quickstart, "utf8");
  const there = "mqtt://127.0.0.1:1883";
  if (!text.includes(there)) throw new Error(`the README names no ${there}`);
  writeFileSync(adapted, text.replace(there, broker.url));
  for (const name of ["app.db", "app.db-wal", "app.db-shm"]) {
    rmSync(name, { force: true });
  }
  const printed: unknown[] = [];
  const { log } = console;
  console.log = (value: unknown) => void printed.push(value);
  try {
    await import(adapted.href);
  } finally {
    console.log = log;
    await broker.close();
  }
  deepEqual(printed, [{ reason: "empty", delivered: 1 }]);
  deepEqual(broker.published.map(({ topic }) => topic), ["meters/m-1"]);
}
