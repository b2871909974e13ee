/**
 * A relay on a libSQL server: connections that are cut, a server that is
 * killed, locks that are taken, and what each call costs on the wire.
 */

import {
  createOutbox,
  createRelay,
  defineEvent,
  systemClock,
} from "@mailboat/outbox";
import {
  libsqlRemoteStorage,
  libsqlRemoteTransactions,
} from "@mailboat/outbox/libsql/remote";
import {
  createMemoryTransport,
  createSeededRandom,
} from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import * as v from "valibot";
import { describe, expect, test, type TestContext } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { Cut } from "../support/server_proxy.ts";
import { withoutSqld } from "../support/sqld.ts";
import { createRemoteRig, type RemoteRig, rowOf } from "./rig.ts";

const PATIENCE_MS = 120_000;

const meterRead = defineEvent("meter.read", {
  schema: v.object({ n: v.number(), meter: v.optional(v.string(), "m-1") }),
  topic: ({ meter }) => `meters/${meter}`,
  key: ({ meter }) => meter,
  position: true,
});

/** Commits messages with the numbers from the first to the last, in one batch. */
async function commit(
  { client }: RemoteRig,
  from: number,
  to: number,
  meters = 1,
) {
  const outbox = createOutbox({ storage: libsqlRemoteStorage(client) });
  const drafts = Array.from({ length: to - from + 1 }, (_, at) => {
    const n = from + at;
    return meterRead({ n, meter: `m-${n % meters}` });
  });
  const { statements } = await outbox.prepare(...drafts);
  await client.batch([...statements], "write");
}

/** A relay through the proxy, stopped when the test ends; and what was received. */
function relaying(
  rig: RemoteRig,
  { onTestFinished }: TestContext,
  scheme: "http" | "ws" = "http",
) {
  const transport = createMemoryTransport({ clock: systemClock() });
  const storage = libsqlRemoteStorage(rig.throughProxy(scheme), {
    answerTimeoutMs: 8_000,
  });
  const relay = createRelay({ storage, transport, leaseMs: 2_000 });
  onTestFinished(() => relay.stop());
  const received = () =>
    transport.received.map(({ message }) =>
      JSON.parse(new TextDecoder().decode(message.payload)).n as number
    );
  return { relay, received };
}

/** Waits until every number is there, and stops the relay. */
async function checkAllArrive(
  { relay, received }: ReturnType<typeof relaying>,
  last: number,
): Promise<void> {
  await eventually(async () => {
    relay.wake();
    await pause(20);
    return new Set(received()).size === last;
  }, "everything");
  await relay.stop();
  checkInOrder(received(), last);
}

/** Each number for the first time in its place; copies only of what is there. */
function checkInOrder(received: readonly number[], last: number): void {
  expect([...new Set(received)]).toEqual(
    Array.from({ length: last }, (_, at) => at + 1),
  );
  // Strict order: 1,2,3,3,4 and never 1,2,3,2,3,4.
  expect(received).toEqual([...received].sort((one, other) => one - other));
}

/** Each has a server of its own, and most wait until that takes a lock. */
const beside = { concurrent: true };

describe.skipIf(withoutSqld)("a relay on a libSQL server", beside, () => {
  for (const scheme of ["http", "ws"] as const) {
    test(
      `over ${scheme}: calls whose answers are lost lose and reorder nothing`,
      async (context) => {
        const rig = await createRemoteRig(context);
        const random = createSeededRandom(11);
        const { relay, received } = relaying(rig, context, scheme);
        const running = relay.run();
        const cuts: readonly Cut[] = ["answered", "meanwhile", "answered"];
        let last = 0;
        for (let round = 0; round < 40; round++) {
          await commit(rig, last + 1, last += 3);
          relay.wake();
          await pause(random.fraction() * 15);
          rig.proxy.cutNext(cuts[round % cuts.length]!);
          await pause(random.fraction() * 40);
        }
        await checkAllArrive({ relay, received }, last);
        await running;
      },
      PATIENCE_MS,
    );
  }

  test(
    "goes on by itself when the server was killed and started again",
    async (context) => {
      const rig = await createRemoteRig(context);
      const random = createSeededRandom(13);
      const { relay, received } = relaying(rig, context);
      const running = relay.run();
      let last = 0;
      for (let round = 0; round < 6; round++) {
        await commit(rig, last + 1, last += 20);
        relay.wake();
        await pause(random.fraction() * 60);
        await rig.sqld.kill();
        await pause(50);
        await rig.sqld.start();
      }
      await checkAllArrive({ relay, received }, last);
      await running;
    },
    PATIENCE_MS,
  );

  test(
    "a transaction that loses its lock is refused, and nothing of it is stored",
    async (context) => {
      const rig = await createRemoteRig(context);
      const storage = libsqlRemoteStorage(rig.client);
      const outbox = createOutbox({ storage });
      const tx = await rig.client.transaction("write");
      await tx.execute(rowOf("held"));
      await rig.throughProxy().batch([rowOf("waiting")], "write");
      const enqueue = () => outbox.enqueue(tx, meterRead({ n: 1 }));
      await expect(enqueue()).rejects.toMatchObject({
        code: "TRANSACTION_FINISHED",
      });
      // The client does not notice: what it sends now would commit by itself.
      await expect(enqueue()).rejects.toMatchObject({
        code: "TRANSACTION_FINISHED",
      });
      tx.close();
      const held = libsqlRemoteTransactions(rig.client).transaction(
        async (mine) => {
          await outbox.enqueue(mine, meterRead({ n: 2 }));
          await rig.throughProxy().batch([rowOf("waiting too")], "write");
        },
      );
      await expect(held).rejects.toThrow("rolled back");
      expect(await rig.rows()).toEqual(["waiting", "waiting too"]);
      const store = await storage.open();
      expect((await store.survey()).newestSeq).toBe(0);
    },
    PATIENCE_MS,
  );

  test(
    "its calls are one request each, and a backlog few",
    // Its lease is renewed as time passes: others would add to the requests.
    { timeout: PATIENCE_MS, concurrent: false },
    async (context) => {
      const rig = await createRemoteRig(context);
      const client = rig.throughProxy();
      const storage = libsqlRemoteStorage(client);
      const outbox = createOutbox({ storage });
      const store = await storage.open();
      const requests = async (work: () => Promise<unknown>) => {
        const before = rig.proxy.requests.length;
        await work();
        return rig.proxy.requests.length - before;
      };
      const database = libsqlRemoteTransactions(client);
      const writing = (n: number) =>
        database.transaction(async (tx) => {
          await outbox.enqueue(tx, meterRead({ n }));
        });
      await writing(1);
      // It begins, enqueues and commits.
      expect(await requests(() => writing(2))).toBe(3);
      const opening = await requests(async () =>
        await (await storage.open()).close()
      );
      expect(opening).toBe(5);
      expect(await requests(() => store.survey())).toBe(1);
      const request = { after: 0, exceptKeys: [], limit: 100, maxBytes: 9e5 };
      expect(await requests(() => store.read(request))).toBe(1);
      const lease = await store.acquire({
        owner: "relay",
        leaseMs: 1,
        nowMs: 1,
        expect: { epoch: 0, beat: 0 },
      });
      const settling = await requests(() =>
        store.settle({
          lease: lease!,
          delivered: [1, 2],
          expired: [],
          recovered: [],
          failed: [],
          archive: false,
          keepExpired: 1,
          then: "release",
          proven: true,
          nowMs: 1,
        })
      );
      expect(settling).toBe(1);
      // Of one key, each waits until the one before is settled.
      for (const [meters, most] of [[1, 1_100], [100, 120]] as const) {
        await commit(rig, 1, 1_000, meters);
        const { relay, received } = relaying(rig, context);
        const draining = await requests(() =>
          relay.drain({ budgetMs: 60_000 })
        );
        expect(received()).toHaveLength(1_000);
        expect(draining).toBeLessThan(most);
      }
    },
  );
});
