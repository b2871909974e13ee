import { expect, test } from "vitest";
import { InputError } from "../../mod.ts";
import {
  type HistoryEntry,
  judgeHistory,
  parseHistory,
} from "../../src/testing/mod.ts";

const message = { id: "a", key: "k", position: 1 };

const HISTORY: readonly HistoryEntry[] = [
  { type: "intended", tx: "t1", messages: [message] },
  { type: "committed", tx: "t1" },
  { type: "intended", tx: "t2", messages: [] },
  { type: "rolledBack", tx: "t2" },
  { type: "resolved", tx: "t3", committed: false },
  { type: "fault", kind: "kill", duplicates: 1 },
  { type: "refused", id: "a" },
  { type: "dead", id: "a", held: true },
  { type: "retried", id: "a" },
  { type: "received", ...message },
  { type: "discarded", id: "b" },
  { type: "expired", id: "d", ageMs: 7.5, ttlMs: 7 },
  { type: "remaining", id: "c" },
  { type: "end" },
];
const LINES = HISTORY.map((entry) => JSON.stringify(entry) + "\n");

test("every entry is read as it was written", () => {
  expect(parseHistory(LINES.join(""))).toEqual({
    entries: HISTORY,
    cutLine: null,
  });
  expect(parseHistory("")).toEqual({ entries: [], cutLine: null });
});

test("a history that is cut anywhere is read as far as it goes, and says what was cut", () => {
  const text = LINES.join("");
  for (let length = 0; length < text.length - 1; length++) {
    const { entries, cutLine } = parseHistory(text.slice(0, length));
    const whole = LINES.slice(0, entries.length).join("");
    expect(text.slice(0, length)).toBe(
      cutLine === null ? whole.slice(0, length) : whole + cutLine,
    );
    expect(entries).toEqual(HISTORY.slice(0, entries.length));
    expect(judgeHistory(entries)).toMatchObject({ cut: true, lost: 0 });
  }
});

test.each([
  "garbage",
  "",
  "null",
  "7",
  "[]",
  "{}",
  '{"type":"unheard of"}',
  '{"type":"toString"}',
  '{"type":"__proto__"}',
  '{"type":"committed"}',
  '{"type":"committed","tx":7}',
  '{"type":"dead","id":"a"}',
  '{"type":"received","id":"a","key":"k"}',
  '{"type":"received","id":"a","key":7,"position":1}',
  '{"type":"received","id":"a","key":"k","position":1.5}',
  '{"type":"intended","tx":"t","messages":{}}',
  '{"type":"intended","tx":"t","messages":[null]}',
  '{"type":"intended","tx":"t","messages":[{"id":"a"}]}',
  '{"type":"fault","kind":"kill","duplicates":"1"}',
])("a line that is no entry is refused with its number: %s", (line) => {
  const text = LINES[0] + line + "\n" + LINES[1];
  expect(() => parseHistory(text)).toThrow(InputError);
  expect(() => parseHistory(text)).toThrow(
    "Cannot read a history as line 2 must be an entry in JSON: current value is",
  );
});
