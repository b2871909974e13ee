/**
 * A worker that fills an outbox in D1, drains it, and tells what that left
 * behind.
 *
 * @module
 */

import { pendingTimers } from "./timers.ts";
import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { anything } from "../../support/schemas.ts";
import { type Database, emptied } from "./d1_harness.ts";
import { type Cost, metered } from "./metered_database.ts";

interface Env {
  readonly DB: Database;
  readonly BROKER: string;
}

const counted = defineEvent("counted", {
  schema: anything<{ readonly key: string; readonly n: number }>(),
  topic: ({ key }) => `counts/${key}`,
  key: ({ key }) => key,
});

/** Ticks of mqtt.js that follow the end of a connection. */
const TURNS = 5;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

export default {
  /** `POST /fill?messages=`, `POST /drain?budgetMs=`. */
  async fetch(request: Request, { DB, BROKER }: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const cost: Cost = { requests: 0, rowsRead: 0, rowsWritten: 0 };
    const database = metered(DB, cost);
    const storage = d1Storage(database);
    if (pathname === "/fill") {
      await emptied(DB);
      await storage.migrate();
      Object.assign(cost, { requests: 0, rowsRead: 0, rowsWritten: 0 });
      const drafts = Array.from(
        { length: Number(searchParams.get("messages")) },
        (_, at) => counted({ key: `${at % 4}`, n: at }),
      );
      const { statements } = await createOutbox({ storage }).prepare(...drafts);
      await database.batch([...statements]);
      return Response.json(cost);
    }
    const began = Date.now();
    const relay = createRelay({
      storage,
      transport: mqttTransport(BROKER),
      leaseMs: 1_000,
    });
    const budgetMs = Number(searchParams.get("budgetMs"));
    const report = await relay.drain({ budgetMs });
    const tookMs = Date.now() - began;
    // The shim of process.nextTick in mqtt.js is a timer of its own.
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    const pending = pendingTimers();
    return Response.json({ ...report, pending, tookMs, cost });
  },
};
