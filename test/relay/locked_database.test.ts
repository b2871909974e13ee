/**
 * A database that somebody else has locked, over and over.
 */

import {
  createFaultyStorage,
  createMemoryStorage,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { createRig, stop } from "../support/relay_rig.ts";

/** Of so many tries to commit, one finds the database unlocked. */
const TRIES = 30;

test("a locked database is tried again soon, however often it was locked before", async () => {
  const memory = createMemoryStorage();
  const storage = createFaultyStorage(
    memory,
    (operation, n) => operation === "settle" && n % TRIES > 0 ? "busy" : "ok",
  );
  const rig = await createRig({ memory, storage });
  const messages = 5;
  rig.publish(...Array.from({ length: messages }, () => "a"));
  const running = rig.relay.run();
  // One commit for each message, and 101 ms for each try at the most.
  await rig.clock.advance(messages * TRIES * 101 + 1_000);
  expect(memory.snapshot().messages).toEqual([]);
  expect(rig.of("store.failed").length).toBeGreaterThan(messages * 20);
  await stop(rig, running);
});
