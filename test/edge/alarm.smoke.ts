/**
 * A Durable Object that drains by its alarm: workerd is killed in the middle,
 * and the next one goes on by itself.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { type Miniflare, startWorker } from "../../examples/stage/workerd.ts";
import { startFront } from "../support/broker_front.ts";
import { eventually } from "../support/eventually.ts";
import { startScriptedBroker } from "../support/scripted_broker.ts";

const MESSAGES = 1_500;

test("killed in the middle, it goes on: nothing is lost, each key in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-object-"));
  const broker = await startScriptedBroker();
  const front = await startFront({ port: broker.port, scheme: "ws" });
  const start = () =>
    startWorker({
      entry: "test/edge/workers/alarm_object.ts",
      platform: {
        compatibilityFlags: ["nodejs_compat"],
        durableObjects: { METER: { className: "Meter", useSQLite: true } },
        durableObjectsPersist: folder,
        bindings: { BROKER: front.url },
      },
    });
  const bystanders = new Set(workers());
  const first = await start();
  await store(first, MESSAGES);
  await eventually(() => broker.published.length > 100, "it sends");
  const ours = workers().filter((pid) => !bystanders.has(pid));
  expect(ours).toHaveLength(1);
  ours.forEach((pid) => process.kill(pid, "SIGKILL"));
  await first.dispose().catch(() => {});
  const before = broker.published.length;
  expect(before).toBeLessThan(MESSAGES);

  const second = await start();
  try {
    // The first request wakes the object; what it stores comes last.
    await store(second, 4);
    const wanted = MESSAGES + 4;
    await eventually(
      () => new Set(broker.published.map(numberOf)).size === wanted,
      `all ${wanted} arrive`,
    );
    for (const key of ["0", "1", "2", "3"]) {
      const numbers = broker.published
        .filter(({ topic }) => topic === `counts/${key}`).map(numberOf);
      const sorted = numbers.toSorted((a, b) => a - b);
      expect(numbers, `the messages of ${key} never go back`).toEqual(sorted);
    }
  } finally {
    await second.dispose();
    await front.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function store(worker: Miniflare, count: number): Promise<void> {
  const response = await worker.dispatchFetch(`http://meter/?count=${count}`, {
    method: "POST",
  });
  if (!response.ok) throw new Error(await response.text());
}

function numberOf({ payload }: { readonly payload: string | Uint8Array }) {
  return JSON.parse(payload.toString()).n as number;
}

/** The processes of workerd that this one has started. */
function workers(): number[] {
  return readdirSync("/proc").map(Number).filter((pid) => {
    if (Number.isNaN(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, name, parent] = /\((.*)\) \S (\d+)/.exec(stat) ?? [];
      return name === "workerd" && Number(parent) === process.pid;
    } catch {
      return false;
    }
  });
}
