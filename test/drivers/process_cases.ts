/**
 * Several processes on one file, some of which are killed.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Driver } from "./driver.ts";
import { meterRead, type Rig, withRig } from "./rig.ts";

const KILLS = 5;

export function processCases(driver: Driver): readonly ConformanceCase[] {
  const test = withRig.bind(null, driver);
  return [
    test("processes: two write to one file, and one reads", async (rig) => {
      rig.db.exec("PRAGMA busy_timeout = 10000");
      const store = await rig.open();
      const writer = startWriter(rig, 100);
      let own = 0;
      while (writer.ids.length < 100 && writer.process.exitCode === null) {
        rig.storage.transaction((tx) => {
          const draft = meterRead({ meter: "own", n: own++ });
          const [{ id } = { id: "" }] = rig.outbox.enqueue(tx, draft);
          tx.prepare("INSERT INTO business (id) VALUES (?)").run(id);
        });
        await store.survey();
        await pause(5);
      }
      await writer.ended;
      assert.equal(writer.ids.length, 100);
      await requireWhole(rig, own + 100);
    }),
    test(`processes: a writer is killed ${KILLS} times`, async (rig) => {
      const told: string[] = [];
      for (let kill = 1; kill <= KILLS; kill++) {
        const writer = startWriter(rig, 100_000);
        while (writer.ids.length < 3 * kill) await pause(1);
        writer.process.kill("SIGKILL");
        await writer.ended;
        told.push(...writer.ids);
      }
      const ids = await requireWhole(rig, told.length);
      const lost = told.filter((id) => !ids.includes(id));
      assert.deepEqual(lost, []);
    }),
  ];
}

interface Writer {
  readonly process: ChildProcess;
  /** What it committed, as far as it could say. */
  readonly ids: readonly string[];
  readonly ended: Promise<unknown>;
}

function startWriter({ driver, path }: Rig, count: number): Writer {
  const file = fileURLToPath(new URL("writer.ts", import.meta.url));
  const permitted = "deno" in process.versions ? ["run", "-A"] : [];
  const args = [...permitted, file, driver.name, path, `${count}`];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ids: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (id) => ids.push(id));
  const ended = Promise.all([once(child, "exit"), once(lines, "close")]);
  return { process: child, ids, ended };
}

/** Each message with its business row, at least as many as were told of. */
async function requireWhole(
  rig: Rig,
  atLeast: number,
): Promise<readonly string[]> {
  const ids = await rig.ids();
  const rows = rig.db.prepare("SELECT id FROM business").all();
  assert.deepEqual(
    rows.map((row) => (row as { id: string }).id).sort(),
    [...ids].sort(),
  );
  assert.ok(ids.length >= atLeast, `${ids.length} of ${atLeast}`);
  return ids;
}
