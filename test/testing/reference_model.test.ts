/**
 * The reference model, and the judge held against it: two ways to say what may
 * arrive, written apart.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type HistoryEntry,
  type HistoryMessage,
  judgeHistory,
  ReferenceModel,
} from "../../src/testing/mod.ts";

test("the head of a key may arrive, and once more what came last", () => {
  const model = new ReferenceModel();
  model.commit({ id: "a1", key: "a" }, { id: "b1", key: "b" });
  model.commit({ id: "a2", key: "a" });
  expect(["a2", "b1", "a1", "b1", "a1", "a2", "a2"].map(arrives)).toEqual(
    [false, true, true, true, true, true, true],
  );
  expect(["a1", "stranger"].map(arrives)).toEqual([false, false]);

  function arrives(id: string): boolean {
    return model.receive(id);
  }
});

test("without a key everything that was committed may arrive", () => {
  const model = new ReferenceModel();
  model.commit({ id: "1", key: null }, { id: "2", key: null });
  expect(["2", "1", "2"].map((id) => model.receive(id)))
    .toEqual([true, true, true]);
});

test("what gave up its place is not waited for, and may still come", () => {
  const model = new ReferenceModel();
  model.commit({ id: "a1", key: "a" }, { id: "a2", key: "a" });
  model.free("a1");
  expect(["a2", "a1", "a2"].map((id) => model.receive(id)))
    .toEqual([true, true, true]);
});

test("the judge and the reference model agree on every history", () => {
  const seen = { clean: 0, broken: 0 };
  fc.assert(
    fc.property(histories(), (history) => {
      const { phantom, reordered } = judgeHistory(history);
      const kept = phantom + reordered === 0;
      seen[kept ? "clean" : "broken"] += 1;
      expect(modelAllows(history)).toBe(kept);
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(seen.clean, seen.broken)).toBeGreaterThan(200);
});

/** Whether the model, told of the commits, allows every arrival. */
function modelAllows(history: readonly HistoryEntry[]): boolean {
  const model = new ReferenceModel();
  const outcomes = new Map<string, boolean>();
  const seen = new Set<string>();
  const messages: (HistoryMessage & { tx: string })[] = [];
  for (const entry of history) {
    if (entry.type === "committed") outcomes.set(entry.tx, true);
    if (entry.type === "rolledBack") outcomes.set(entry.tx, false);
    if (entry.type === "resolved") outcomes.set(entry.tx, entry.committed);
    if ("id" in entry) seen.add(entry.id);
    if (entry.type === "dead" && !entry.held) model.free(entry.id);
    if (entry.type === "intended") {
      messages.push(...entry.messages.map((one) => ({ ...one, tx: entry.tx })));
    }
  }
  model.commit(
    ...messages.filter(({ id, tx }) => outcomes.get(tx) ?? seen.has(id))
      .sort((one, other) => one.position - other.position),
  );
  return history.every((entry) => {
    if (entry.type === "discarded") model.free(entry.id);
    return entry.type !== "received" || model.receive(entry.id);
  });
}

const OUTCOMES = [
  "committed",
  "found committed",
  "unheard, committed",
  "rolledBack",
  "found rolled back",
  "unheard, rolled back",
] as const;
const FATES = ["arrives", "arrives twice", "skip", "discard", "hold"] as const;

interface Write {
  readonly keys: readonly (string | null)[];
  readonly outcome: typeof OUTCOMES[number];
  readonly fate: typeof FATES[number];
}

interface Change {
  readonly kind: "swap" | "copy" | "drop" | "move";
  readonly at: number;
  readonly to: number;
}

/** Histories of an outbox that is right, with a few changes that may break it. */
function histories(): fc.Arbitrary<HistoryEntry[]> {
  const often = <T>(value: T, others: readonly T[]) =>
    fc.oneof(
      { arbitrary: fc.constant(value), weight: 3 },
      { arbitrary: fc.constantFrom(...others), weight: 2 },
    );
  const write = fc.record({
    keys: fc.array(fc.constantFrom("a", "b", null), {
      minLength: 1,
      maxLength: 3,
    }),
    outcome: often(OUTCOMES[0], OUTCOMES),
    fate: often(FATES[0], FATES),
  });
  const change = fc.record({
    kind: fc.constantFrom("swap", "copy", "drop", "move"),
    at: fc.nat(100),
    to: fc.nat(100),
  });
  const phantom = { type: "received", id: "x", key: "a", position: 1 } as const;
  return fc.record({
    writes: fc.array(write, { minLength: 1, maxLength: 8 }),
    changes: fc.array(change, { maxLength: 2 }),
    phantoms: often<HistoryEntry[]>([], [[phantom]]),
  }).map(({ writes, changes, phantoms }) => {
    const { written, delivered } = rightHistory(writes);
    for (const change of changes) alter(delivered, change);
    return [...written, ...delivered, ...phantoms, { type: "end" }];
  });
}

/** What a right outbox makes of the writes: first all of them, then all deliveries. */
function rightHistory(writes: readonly Write[]) {
  const written: HistoryEntry[] = [];
  const delivered: HistoryEntry[] = [];
  const positions = new Map<string | null, number>();
  const held = new Set<string>();
  for (const [index, { keys, outcome, fate }] of writes.entries()) {
    const tx = `t${index}`;
    const exists = outcome.endsWith("committed");
    const messages = keys.map((key, part) => {
      const position = (positions.get(key) ?? 0) + 1;
      if (exists) positions.set(key, position);
      return { id: `${index}.${part}`, key, position };
    });
    written.push({ type: "intended", tx, messages });
    if (outcome === "committed" || outcome === "rolledBack") {
      written.push({ type: outcome, tx });
    } else if (outcome.startsWith("found")) {
      written.push({ type: "resolved", tx, committed: exists });
    }
    for (const message of exists ? messages : []) {
      if (message.key !== null && held.has(message.key)) continue;
      if (message.key !== null && fate === "hold") held.add(message.key);
      delivered.push(...fateOf(message, fate));
    }
  }
  return { written, delivered };
}

function fateOf(message: HistoryMessage, fate: Write["fate"]): HistoryEntry[] {
  const { id } = message;
  const arrival = { type: "received", ...message } as const;
  switch (fate) {
    case "arrives":
      return [arrival];
    case "arrives twice":
      return [arrival, arrival];
    case "discard":
      return [{ type: "discarded", id }];
    case "skip":
    case "hold":
      return [{ type: "dead", id, held: fate === "hold" }];
  }
}

function alter(entries: HistoryEntry[], { kind, at, to }: Change): void {
  if (entries.length === 0) return;
  const [one, other] = [at % entries.length, to % entries.length];
  const entry = entries[one]!;
  switch (kind) {
    case "swap":
      entries[one] = entries[other]!;
      entries[other] = entry;
      break;
    case "copy":
      entries.splice(other, 0, entry);
      break;
    case "drop":
      entries.splice(one, 1);
      break;
    case "move":
      entries.splice(one, 1);
      entries.splice(other, 0, entry);
      break;
  }
}
