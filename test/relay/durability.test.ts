import type { StorageBase } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { createRig, stop } from "../support/relay_rig.ts";

test("where a power cut may undo the user's commit, the relay makes it durable between reading and sending", async () => {
  for (const level of ["power-loss", "process-crash"] as const) {
    const plain = await createRig();
    const order: string[] = [];
    const storage: StorageBase = {
      migrate: () => plain.storage.migrate(),
      open: async () => {
        const store = await plain.storage.open();
        return {
          ...bound(store),
          identity: store.identity,
          boot: store.boot,
          durability: { level, detail: "test" },
          read: async (request) => {
            const page = await store.read(request);
            if (page.messages.length > 0 && request.limit > 1) {
              order.push("read");
            }
            return page;
          },
          makeDurable: async () => {
            if (level === "process-crash") order.push("sync");
            await store.makeDurable();
          },
          settle: (request) => {
            order.push("commit");
            return store.settle(request);
          },
        };
      },
    };
    const { storage: memory, clock: virtual } = plain;
    const rig = await createRig({
      memory,
      virtual,
      storage,
      broker: {
        answer: () => {
          order.push("arrival");
          return { kind: "delivered" };
        },
      },
    });
    rig.publish("a");
    const running = rig.relay.run();
    await rig.clock.advance(2_000);
    await stop(rig, running);
    expect(order.slice(0, 4)).toEqual(
      level === "power-loss"
        ? ["read", "arrival", "commit", "commit"]
        : ["read", "sync", "arrival", "commit"],
    );
  }
});

function bound(store: Awaited<ReturnType<StorageBase["open"]>>) {
  return {
    survey: () => store.survey(),
    acquire: store.acquire.bind(store),
    failures: store.failures.bind(store),
    readLane: store.readLane.bind(store),
    prune: store.prune.bind(store),
    listDead: store.listDead.bind(store),
    retryDead: store.retryDead.bind(store),
    discardDead: store.discardDead.bind(store),
    close: () => store.close(),
  };
}
