/**
 * What the programs beside this one have in common: an event, and a relay that
 * delivers what is stored.
 */

import { createRelay, defineEvent, systemClock } from "@mailboat/outbox";
import { createMemoryTransport } from "@mailboat/outbox/testing";

export const sampled = defineEvent("sampled", {
  schema: {
    "~standard": {
      version: 1,
      vendor: "permitted",
      validate: (value) => ({ value }),
    },
  },
  topic: () => "samples",
});

/** Prints what became of the messages in a storage. */
export async function printDrained(storage, transport = inMemory()) {
  const relay = createRelay({ storage, transport });
  console.log(JSON.stringify(await relay.drain({ budgetMs: 10_000 })));
}

/** Prints whether a storage notices a commit that somebody else makes. */
export async function printWoken(storage, commit) {
  let woken = false;
  const stop = storage.watch(() => woken = true);
  const deadlineMs = performance.now() + 2_000;
  while (!woken && performance.now() < deadlineMs) {
    await commit();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stop();
  console.log(JSON.stringify({ woken }));
}

function inMemory() {
  return createMemoryTransport({ clock: systemClock() });
}
