/**
 * Ids that the caller chose: each is stored once, however often it comes.
 */

import { describe, expect, test } from "vitest";
import { adapters, createRig, everything, message, readIds } from "./rig.ts";

describe.each(adapters)("ids chosen with $name", (adapter) => {
  test("a chosen id is stored once, and the second call says so", async () => {
    const rig = await createRig(adapter);
    const chosen = (payload: string) =>
      message({
        id: "order-1",
        chosenId: true,
        payload: new TextEncoder().encode(payload),
      });
    expect(await rig.commit(chosen("first"))).toEqual([true]);
    expect(await rig.commit(chosen("second"))).toEqual([false]);
    const { messages: [only, ...more] } = await (await rig.open())
      .read(everything);
    expect(new TextDecoder().decode(only?.payload)).toBe("first");
    expect(more).toEqual([]);
  });

  test("a chosen id twice in one call is stored once, the first time", async () => {
    const rig = await createRig(adapter);
    await rig.commit(message({ id: "x", chosenId: true }));
    const ids = ["y", "x", "y", "z", "y"];
    const stored = await rig.commit(
      ...ids.map((id) => message({ id, chosenId: true })),
      message({ id: "ours" }),
    );
    expect(stored).toEqual([true, false, false, true, false, true]);
    expect(await readIds(await rig.open())).toEqual(["x", "y", "z", "ours"]);
  });

  test("a batch stores messages in order, and chosen ids once", async () => {
    const rig = await createRig(adapter);
    const twice = message({ id: "b", chosenId: true });
    await rig.batch([message({ id: "a" }), twice, message({ id: "c" })], "one");
    await rig.batch([twice, message({ id: "d" })], "two");
    expect(await readIds(await rig.open())).toEqual(["a", "b", "c", "d"]);
    expect(await rig.column("SELECT text FROM note")).toEqual(["one", "two"]);
  });
});
