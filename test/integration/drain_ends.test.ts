/**
 * A drain on Node leaves no timer and no socket behind, whether the broker
 * takes everything or says nothing.
 */

import { createClient } from "@libsql/client";
import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { anything } from "../support/schemas.ts";
import {
  type Answer,
  startScriptedBroker,
} from "../support/scripted_broker.ts";

const counted = defineEvent("counted", {
  schema: anything(),
  topic: "counts",
  key: "one",
});

test.each<[Answer, string]>([[0x00, "empty"], ["hold", "budget"]])(
  "answered with %s it comes back as %s within its budget, and nothing is left",
  async (answer, wanted) => {
    const folder = mkdtempSync(join(tmpdir(), "mailboat-drain-"));
    const client = createClient({ url: `file:${join(folder, "app.db")}` });
    await client.execute("PRAGMA journal_mode=WAL");
    const storage = libsqlStorage(client);
    await storage.migrate();
    const tx = await client.transaction("write");
    await createOutbox({ storage }).enqueue(tx, counted(1), counted(2));
    await tx.commit();
    const broker = await startScriptedBroker({ answer: () => answer });
    const before = held();
    const began = performance.now();
    const relay = createRelay({
      storage,
      transport: mqttTransport(broker.url),
    });
    const { reason } = await relay.drain({ budgetMs: 2_000 });
    expect(reason).toBe(wanted);
    expect(performance.now() - began).toBeLessThan(2_500);
    // The end of a socket takes a turn of its own.
    await eventually(() => held() <= before, `${held()} > ${before}`);
    await broker.close();
    client.close();
    rmSync(folder, { recursive: true, force: true });
  },
);

function held(): number {
  return process.getActiveResourcesInfo()
    .filter((name) => ["TCPSocketWrap", "Timeout"].includes(name)).length;
}
