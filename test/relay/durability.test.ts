import { expect, test } from "vitest";
import { changedStorage, createRig, stop } from "../support/relay_rig.ts";

test("where a power cut may undo the user's commit, the relay makes it durable between reading and sending", async () => {
  for (const level of ["power-loss", "process-crash"] as const) {
    const plain = await createRig();
    const order: string[] = [];
    const storage = changedStorage(plain.storage, (store) => {
      const read = store.read.bind(store);
      const makeDurable = store.makeDurable.bind(store);
      const settle = store.settle.bind(store);
      Object.assign(store, { durability: { level, detail: "test" } });
      store.read = async (request) => {
        const page = await read(request);
        if (page.messages.length > 0 && request.limit > 1) order.push("read");
        return page;
      };
      store.makeDurable = async () => {
        if (level === "process-crash") order.push("sync");
        await makeDurable();
      };
      store.settle = (request) => {
        order.push("commit");
        return settle(request);
      };
    });
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
