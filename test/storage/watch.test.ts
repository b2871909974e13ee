/**
 * Watching: hints of commits, from this process and from others.
 */

import { createClient } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  adapters,
  createRig,
  message,
  openClient,
  temporaryFolder,
} from "./rig.ts";

/** Repeats an action until a hint comes; a watch takes a moment to begin. */
async function untilHinted(
  hints: { count: number },
  action: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + 5_000;
  const before = hints.count;
  while (hints.count === before) {
    expect(performance.now(), "no hint came").toBeLessThan(deadline);
    await action();
    await pause(5);
  }
}

test.each(adapters)("an enqueue hints at once, with $name", async (adapter) => {
  const rig = await createRig(adapter);
  const hints = { count: 0 };
  const stop = rig.storage.watch?.(() => hints.count++);
  await rig.within(async (tx) => {
    await rig.storage.writer.insert(tx, [message()]);
    expect(hints.count).toBe(1);
  });
  stop?.();
});

test("an enqueue does not suffer from who watches", async () => {
  const rig = await createRig();
  const stop = rig.storage.watch!(() => {
    throw new Error("boom");
  });
  expect(await rig.commit(message())).toEqual([true]);
  stop();
});

test.each(["client", "path"])(
  "a commit of another connection hints, by %s",
  async (how) => {
    const rig = await createRig();
    const storage = libsqlStorage(how === "client" ? rig.client : rig.path);
    const hints = { count: 0 };
    const stop = storage.watch?.(() => hints.count++);
    const other = createClient({ url: `file:${rig.path}` });
    await untilHinted(
      hints,
      () => other.execute("INSERT INTO note (text) VALUES ('x')"),
    );
    stop?.();
    other.close();
  },
);

test("nothing hints after the end of the watch", async () => {
  const rig = await createRig();
  const hints = { count: 0 };
  const stop = rig.storage.watch!(() => hints.count++);
  const other = await openClient(rig.path);
  const write = () => other.execute("INSERT INTO note (text) VALUES ('x')");
  await untilHinted(hints, write);
  stop();
  stop();
  const { count } = hints;
  const control = { count: 0 };
  const stopControl = rig.storage.watch!(() => control.count++);
  await untilHinted(control, write);
  await rig.commit(message());
  expect(hints.count).toBe(count);
  stopControl();
});

test("a watch that is ended before it began never hints", async () => {
  const rig = await createRig();
  let hinted = false;
  rig.storage.watch!(() => hinted = true)();
  await rig.commit(message());
  expect(hinted).toBe(false);
});

test("what cannot be watched is silent", async () => {
  const nowhere = join(temporaryFolder(), "none", "app.db");
  libsqlStorage(nowhere).watch!(() => {})();
  const closed = createClient({ url: ":memory:" });
  closed.close();
  const stop = libsqlStorage(closed).watch!(() => {});
  await pause(0);
  stop();
});
