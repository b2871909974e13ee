/**
 * A history in a file is judged, whole or cut, and a run in which nothing
 * happened proves nothing.
 */

import type { HistoryEntry } from "@mailboat/outbox/testing";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { HistoryFile } from "./history_file.ts";
import { Log } from "./log.ts";
import { describe, isFoundOut, judgeFile } from "./report.ts";

const first = { id: "a", key: "k", position: 1 };
const second = { id: "b", key: "k", position: 2 };
const story: readonly HistoryEntry[] = [
  { type: "intended", tx: "1", messages: [first, second] },
  { type: "committed", tx: "1" },
  { type: "received", ...first },
  { type: "fault", kind: "relay killed", duplicates: 0 },
  { type: "fault", kind: "connection lost", duplicates: 1 },
  { type: "received", ...first },
  { type: "received", ...second },
  { type: "end" },
];

test("a history that was written as it happened is read back and judged", async () => {
  const { path, log } = await written(story);
  const report = judgeFile(path, log.facts);
  expect(report).toMatchObject({
    ok: true,
    committed: 2,
    delivered: 2,
    duplicates: 1,
    duplicatesAllowed: 1,
    kills: 1,
    connectionsLost: 1,
    faults: { "relay killed": 1 },
  });
  expect(log.committed).toBe(2);
  expect(describe(report)).toMatch(/Every promise was kept/);
});

test("a history cut in its middle says so, and what is there is judged", async () => {
  const { path } = await written(story.slice(0, 5));
  writeFileSync(path, '{"type":"received","id":"b"', { flag: "a" });
  const report = judgeFile(path, null);
  expect(report).toMatchObject({ ok: true, cut: true, lost: 0, delivered: 1 });
  expect(describe(report)).toMatch(/breaks off/);
  expect(describe(report)).toContain('was cut: {"type":"received","id":"b"');
});

test("a file that is no history is refused", async () => {
  const { path } = await written([]);
  writeFileSync(path, "nonsense\n");
  expect(() => judgeFile(path, null)).toThrow(/Cannot read a history/);
});

test("a run in which nothing arrived keeps no promise", async () => {
  const { path, log } = await written([{ type: "end" }]);
  expect(judgeFile(path, log.facts).ok).toBe(false);
});

test.for(
  [
    "tornRows",
    "missingRows",
    "phantomRows",
    "damaged",
    "condemned",
    "deserted",
    "drainedMs",
  ] as const,
)("%s is held against a run", async (fact) => {
  const { path, log } = await written(story);
  log.facts[fact] = 1_000_000;
  expect(judgeFile(path, log.facts).ok).toBe(false);
});

test.for(["crowded", "stale"] as const)(
  "%s on the wire is held against a run",
  async (fact) => {
    const { path, log } = await written(story);
    log.facts.wire[fact] = 1;
    expect(judgeFile(path, log.facts).ok).toBe(false);
  },
);

test("what a control breaks must be what is found", async () => {
  const without = (id: string) =>
    story.filter((entry) => !("id" in entry && entry.id === id));
  const kept = await written(story);
  const keptReport = judgeFile(kept.path, kept.log.facts);
  expect(isFoundOut(keptReport, "mark-first")).toBe(false);
  expect(isFoundOut(keptReport, "no-fence")).toBe(false);

  const lost = await written(without("b"));
  const lostReport = judgeFile(lost.path, lost.log.facts);
  expect(isFoundOut(lostReport, "mark-first")).toBe(true);
  expect(isFoundOut(lostReport, "no-fence")).toBe(false);

  const stale = await written([
    ...story.slice(0, -1),
    { type: "received", ...first },
    { type: "end" },
  ]);
  stale.log.facts.wire.stale = 1;
  const staleReport = judgeFile(stale.path, stale.log.facts);
  expect(isFoundOut(staleReport, "no-fence")).toBe(true);
});

async function written(entries: readonly HistoryEntry[]) {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-history-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "history.jsonl");
  const file = new HistoryFile(path);
  const log = new Log(file);
  for (const entry of entries) log.write(entry);
  await file.close();
  return { path, log };
}
