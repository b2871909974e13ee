import { createTurns, type TurnOptions } from "@mailboat/outbox";
import { drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlTransactions } from "@mailboat/outbox/libsql";
import {
  createSeededRandom,
  createVirtualClock,
} from "@mailboat/outbox/testing";
import { drizzle } from "drizzle-orm/libsql";
import { expect, it } from "vitest";

const BUSY = new Error("busy");

function turnsRig(options: TurnOptions = {}) {
  const clock = createVirtualClock();
  const looks: number[] = [];
  const rig = { clock, looks, lockedUntilMs: 0, fault: null as Error | null };
  const turns = createTurns({
    begin: () => {
      looks.push(clock.monotonicMs());
      if (rig.fault !== null) return Promise.reject(rig.fault);
      return clock.monotonicMs() < rig.lockedUntilMs
        ? Promise.reject(BUSY)
        : Promise.resolve(looks.length);
    },
    isBusy: (thrown) => thrown === BUSY,
    options: { clock, random: createSeededRandom(1), ...options },
  });
  return Object.assign(rig, { turns });
}

/** Work that lasts until it is told to end. */
function lasting() {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => end = resolve);
  return { work: () => ended, end };
}

it("has one transaction at a time, in the order in which they were asked for", async () => {
  const { turns, clock } = turnsRig();
  const order: string[] = [];
  const all = ["a", "b", "c"].map((name) =>
    turns.take(async () => {
      order.push(`${name} begins`);
      await clock.sleep(10);
      order.push(`${name} ends`);
    })
  );
  await clock.advance(100);
  await Promise.all(all);
  expect(order).toEqual(
    ["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

it("looks for a lock at least every 50 ms, and begins once it is free", async () => {
  const rig = turnsRig();
  rig.lockedUntilMs = rig.clock.monotonicMs() + 20_000;
  const taken = rig.turns.take(() => Promise.resolve(rig.clock.monotonicMs()));
  await rig.clock.advance(25_000);
  const lateMs = await taken - rig.lockedUntilMs;
  expect(lateMs).toBeLessThanOrEqual(50);
  const waits = rig.looks.slice(1).map((at, n) => at - rig.looks[n]!);
  expect(Math.max(...waits)).toBeLessThanOrEqual(50);
});

it("gives up with the driver's own error once the time is over", async () => {
  const rig = turnsRig({ beginTimeoutMs: 1_000 });
  rig.lockedUntilMs = Infinity;
  const taken = rig.turns.take(() => Promise.resolve());
  const refused = expect(taken).rejects.toBe(BUSY);
  await rig.clock.advance(1_200);
  await refused;
  rig.lockedUntilMs = 0;
  await rig.turns.take(() => Promise.resolve());
});

it("waits for no lock when there is another reason", async () => {
  const rig = turnsRig();
  rig.fault = new Error("Closed");
  await expect(rig.turns.take(() => Promise.resolve())).rejects.toBe(rig.fault);
  rig.fault = null;
  const failed = new Error("The work failed");
  await expect(rig.turns.take(() => Promise.reject(failed))).rejects
    .toBe(failed);
  expect(await rig.turns.take(() => Promise.resolve("next"))).toBe("next");
});

it("refuses who waits too long, or for itself, and lets nobody pass", async () => {
  const { turns, clock } = turnsRig({ beginTimeoutMs: 1_000 });
  const first = lasting();
  const begun: string[] = [];
  const long = turns.take(first.work);
  const late = turns.take(() => Promise.resolve());
  const refused = expect(late).rejects.toMatchObject({
    code: "STORAGE_BUSY",
    message: expect.stringContaining("waits for itself"),
  });
  await clock.advance(1_000);
  await refused;
  const next = turns.take(() => Promise.resolve(void begun.push("next")));
  await clock.advance(10);
  expect(begun).toEqual([]);
  first.end();
  await Promise.all([long, next]);
  expect(begun).toEqual(["next"]);
});

it.each([{ beginTimeoutMs: 0 }, { clock: {} }, { random: null }])(
  "refuses options that make no sense: %o",
  (options) => {
    expect(() => turnsRig(options as TurnOptions))
      .toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  },
);

it("refuses what is no database", () => {
  const refusal = expect.objectContaining({ code: "INVALID_OPTION" });
  const foreign = { $client: {}, transaction: () => Promise.resolve() };
  for (const none of [null, "file:app.db", {}, foreign]) {
    expect(() => drizzleTransactions(none as never)).toThrow(refusal);
  }
  for (const none of [null, "file:app.db", {}]) {
    expect(() => libsqlTransactions(none as never)).toThrow(refusal);
  }
});

it("tells a drizzle database on a server what there is for it", () => {
  const db = drizzle("http://127.0.0.1:9");
  expect(() => drizzleTransactions(db)).toThrow(/libsqlRemoteTransactions/);
  db.$client.close();
});
