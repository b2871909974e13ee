/**
 * An embedded replica: messages are enqueued through it, and relayed on its
 * primary. Its file is left alone.
 */

import { createClient } from "@libsql/client";
import {
  createOutbox,
  createRelay,
  defineEvent,
  systemClock,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { libsqlRemoteStorage } from "@mailboat/outbox/libsql/remote";
import { nodeSqliteStorage } from "@mailboat/outbox/node-sqlite";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, test, type TestContext } from "vitest";
import { withoutSqld } from "../support/sqld.ts";
import { createRemoteRig, rowOf } from "./rig.ts";

const meterRead = defineEvent("meter.read", {
  schema: v.object({ n: v.number() }),
  topic: () => "meters/m-1",
  key: () => "m-1",
});

async function replicaRig(context: TestContext) {
  const rig = await createRemoteRig(context);
  const folder = mkdtempSync(join(tmpdir(), "mailboat-replica-"));
  const path = join(folder, "app.db");
  const replica = createClient({ url: `file:${path}`, syncUrl: rig.sqld.url });
  context.onTestFinished(() => {
    replica.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await replica.sync();
  const storage = libsqlRemoteStorage(rig.client);
  const outbox = createOutbox({ storage });
  const write = async (n: number) => {
    const tx = await replica.transaction("write");
    try {
      await tx.execute(rowOf(`${n}`));
      await outbox.enqueue(tx, meterRead({ n }));
      await tx.commit();
    } finally {
      tx.close();
    }
  };
  return { ...rig, path, replica, storage, write };
}

describe.skipIf(withoutSqld)("an embedded replica", () => {
  test("has no outbox in its own file, whoever opens it", async (context) => {
    const { replica, path } = await replicaRig(context);
    const own = [
      libsqlStorage(replica),
      libsqlStorage(path),
      nodeSqliteStorage(path),
    ];
    for (const storage of own) {
      for (const call of ["migrate", "open"] as const) {
        await expect(storage[call]()).rejects.toMatchObject({
          code: "INVALID_OPTION",
          message: expect.stringContaining("libsqlRemoteStorage"),
        });
      }
    }
    const transport = createMemoryTransport({ clock: systemClock() });
    const relay = createRelay({ storage: own[0]!, transport });
    await expect(relay.run()).rejects.toMatchObject({ code: "INVALID_OPTION" });
    const tx = await replica.transaction("write");
    const outbox = createOutbox({ storage: libsqlStorage(replica) });
    await expect(outbox.enqueue(tx, meterRead({ n: 1 }))).rejects
      .toMatchObject({ code: expect.any(String) });
    tx.close();
  });

  test("enqueues on its primary, where a relay delivers", async (context) => {
    const { storage, write, rows } = await replicaRig(context);
    for (let n = 1; n <= 5; n++) await write(n);
    const transport = createMemoryTransport({ clock: systemClock() });
    await using relay = createRelay({ storage, transport });
    await relay.drain();
    const received = transport.received.map(({ message }) =>
      new TextDecoder().decode(message.payload)
    );
    expect(received).toEqual([1, 2, 3, 4, 5].map((n) => `{"n":${n}}`));
    expect(await rows()).toEqual(["1", "2", "3", "4", "5"]);
  });

  test("fails to enqueue while its primary is away, and is read", async (context) => {
    const { sqld, replica, write } = await replicaRig(context);
    await write(1);
    await replica.sync();
    await sqld.kill();
    const failure = await write(2).catch((error: unknown) => error);
    expect(String(failure)).toMatch(/WriteDelegation|replica|connect/i);
    const { rows } = await replica.execute("SELECT id FROM business");
    expect(rows.map((row) => row[0])).toEqual(["1"]);
    await sqld.start();
    await write(3);
    await replica.sync();
    const later = await replica.execute("SELECT id FROM business");
    expect(later.rows.map((row) => row[0])).toEqual(["1", "3"]);
  });
});
