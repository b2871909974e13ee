/**
 * Positions beside a model of them: whatever is stored by whichever way.
 */

import type { NewMessage } from "@mailboat/outbox";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  adapters,
  createRig,
  everything,
  message,
  type Rig,
  type Side,
} from "./rig.ts";

const KEYS = ["a", "A", "", "'", '"', "\\", "?", "1", "1e5", "null", '["a"]'];
const ODD_KEYS = ["\ufeff", "\u2028", "\u{10ffff}", "k".repeat(20_000), null];

const call = fc.array(
  fc.record({
    id: fc.nat({ max: 12 }),
    chosenId: fc.boolean(),
    counted: fc.boolean(),
    key: fc.constantFrom(...KEYS, ...ODD_KEYS),
  }),
  { minLength: 1, maxLength: 6 },
);

const work = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 3 }),
  how: fc.constantFrom("in turn", "at once", "batch", "undone"),
  adapter: fc.constantFrom(...adapters),
});

/** Stores them; with `undone`, only until the end of the transaction. */
async function store(
  { storage: { writer }, batch, within }: Side,
  calls: readonly (readonly NewMessage[])[],
  how: string,
): Promise<void> {
  if (how === "batch") return await batch(calls.flat(), "a note");
  await within(async (tx) => {
    if (how === "at once") {
      await Promise.all(calls.map((each) => writer.insert(tx, each)));
    } else for (const each of calls) await writer.insert(tx, each);
    if (how === "undone") throw new Error("undone");
  }).catch((error) => {
    if (how !== "undone" || error.message !== "undone") throw error;
  });
}

/** What must be stored, in order. */
class Model {
  readonly told: [id: string, key: string | null, position: number | null][] =
    [];
  readonly #last = new Map<string, number>();

  add({ id, key, chosenId, counted }: NewMessage): void {
    if (chosenId && this.told.some(([other]) => other === id)) return;
    const isCounted = counted && key !== null;
    const position = isCounted ? (this.#last.get(key) ?? 0) + 1 : null;
    if (isCounted) this.#last.set(key, position ?? 0);
    this.told.push([id, key, position]);
  }
}

/** The counters that do not know the sequence of their last message. */
function strayCounters({ column }: Rig): Promise<unknown[]> {
  return column(`SELECT p."key" FROM mailboat_position p WHERE p."seq" <> (
  SELECT max(m."seq") FROM mailboat_message m
  WHERE m."key" = p."key" AND m."position" IS NOT NULL
)`);
}

test("each key is counted without a gap, in the order of what is stored", async () => {
  let fresh = 0;
  const property = fc.asyncProperty(
    fc.array(work, { maxLength: 5 }),
    async (works) => {
      const rig = await createRig();
      const model = new Model();
      for (const { calls, how, adapter } of works) {
        const made = calls.map((each) =>
          each.map(({ id, ...given }) =>
            message({
              ...given,
              id: given.chosenId ? `chosen-${id}` : `fresh-${++fresh}`,
            })
          )
        );
        await store(adapter.over(rig.client), made, how);
        if (how !== "undone") made.flat().forEach((each) => model.add(each));
      }
      const opened = await rig.storage.open();
      const { messages } = await opened.read(everything);
      await opened.close();
      expect(messages.map(({ id, key, position }) => [id, key, position]))
        .toEqual(model.told);
      expect(await strayCounters(rig)).toEqual([]);
    },
  );
  await fc.assert(property, { numRuns: 40 });
});
