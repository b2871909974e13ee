/**
 * A lane that is held: its head was refused, and much waits behind it.
 *
 * @module
 */

import { createRelay, systemClock } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { join } from "node:path";
import { createDatabase, fill, finish } from "./database.ts";
import { readingBy, readingOf } from "./reading.ts";

/** The key that is held. */
export const HELD_KEY = "held";

/** What is made. */
export interface HeldBacklogOptions {
  readonly folder: string;
  /** Messages behind the dead head. */
  readonly held: number;
  /** Messages of other keys, behind those. */
  readonly others: number;
  readonly keys: number;
}

const REFUSED = { code: "REFUSED", reason: "The benchmark refuses it" };

/** Makes a file where a key is held; it is for copying. */
export async function heldBacklog(
  { folder, held, others, keys }: HeldBacklogOptions,
): Promise<string> {
  const path = join(folder, "held_backlog.db");
  const client = await createDatabase(path);
  await fill(client, 1, (n) => readingBy(HELD_KEY, n));
  const relay = createRelay({
    storage: libsqlStorage(client),
    transport: createMemoryTransport({
      clock: systemClock(),
      answer: () => ({ kind: "dead", failure: REFUSED }),
    }),
  });
  await relay.drain();
  await fill(client, held, (n) => readingBy(HELD_KEY, n + 1));
  await fill(client, others, (n) => readingOf(n, keys));
  await finish(client);
  return path;
}
