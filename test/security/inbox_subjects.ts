/**
 * The inbox, as something to call with hostile arguments.
 *
 * @module
 */

import * as core from "@mailboat/outbox";
import {
  createMemoryStorage,
  createSyncMemoryStorage,
} from "@mailboat/outbox/testing";
import { type Loose, loose, mutated } from "./hostile_arguments.ts";
import { hostileText, hostileValue } from "./hostile_values.ts";
import type { Subject } from "./subjects.ts";

const INBOX = [
  "storage",
  "consumer",
  "keepMs",
  "keepRows",
  "keepMinRows",
  "keepLanes",
  "observe",
  "clock",
];
const MESSAGE = ["source", "id", "key", "seq", "position"];

/** Making one, and accepting through it. */
export function inboxSubjects(): [string, Subject][] {
  const storage = createMemoryStorage();
  const sync = createSyncMemoryStorage();
  const good = { storage, consumer: "c" };
  return [
    [
      "createInbox",
      (random) => loose(core.createInbox)(mutated(random, good, INBOX)),
    ],
    ["accept", async (random) => {
      for (const home of [storage, sync]) {
        await home.migrate();
        const inbox: Loose = loose(core.createInbox)({
          ...good,
          storage: home,
        });
        const message = { source: "/s", id: hostileText(random), key: "k" };
        const tx = home.begin();
        const given = random.chance(0.9) ? tx : hostileValue(random);
        try {
          await inbox.accept(given, mutated(random, message, MESSAGE));
        } finally {
          tx.rollback();
        }
      }
    }],
  ];
}
