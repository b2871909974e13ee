/**
 * An application: transactions of one to three readings and their messages,
 * one in ten of which it rolls back at the end. It says when the database is
 * there, and when it is done.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Application,
  backlogOf,
  openApplication,
  takeReading,
} from "../application.ts";
import { openMarks } from "../mark.ts";
import type { ProcessOrder } from "../workload.ts";
import { leave, order, tell, told } from "./parent.ts";

/** Transactions before the application closes its database, and opens it anew. */
const FIRST_TRANSACTIONS = 10;
/** Few keys, and the relay lags behind; many, and it sends what was just committed. */
const KEYS = [8, 32, 128] as const;
const MAX_PAUSE_MS = [4, 12, 40] as const;
/** How often everything is delivered before the next transaction. */
const QUIET_SHARE = 0.15;
/** More than a page. */
const MAX_NOTE_LENGTH = 5_000;

const { database, marks, seed, transactions } = order<ProcessOrder>();
const random = createSeededRandom(seed);
const keys = random.pick(KEYS);
const maxPauseMs = random.pick(MAX_PAUSE_MS);
const mark = openMarks(marks);
await told();
let application = await openApplication(database);
for (let count = 1; count <= transactions; count++) {
  await transact(application, `t${count}`);
  if (count === FIRST_TRANSACTIONS) {
    application.client.close();
    application = await openApplication(database);
    tell({ type: "opened" });
  }
  await pause(random.integer(0, maxPauseMs));
  if (count > FIRST_TRANSACTIONS && random.chance(QUIET_SHARE)) {
    while (await backlogOf(application.client) > 0) await pause(1);
  }
}
application.client.close();
tell({ type: "done" });
leave();

async function transact(
  application: Application,
  name: string,
): Promise<void> {
  const size = random.integer(1, 3);
  const tx = await application.client.transaction("write");
  const messages = [];
  for (let count = 0; count < size; count++) {
    const key = `k${random.integer(1, keys)}`;
    const length = random.chance(0.2) ? random.integer(0, MAX_NOTE_LENGTH) : 0;
    const note = "x".repeat(length);
    messages.push(
      await takeReading(application, tx, { key, note, name, size }),
    );
  }
  mark({ type: "intended", tx: name, messages });
  if (random.chance(0.1)) {
    await tx.rollback();
    mark({ type: "rolledBack", tx: name });
  } else {
    await tx.commit();
    mark({ type: "committed", tx: name });
  }
}
