import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../src/testing/mod.ts";

describe("a virtual clock", () => {
  it("stands still while real time passes", async () => {
    const clock = createVirtualClock({ startAtMs: 5 });
    for (let turn = 0; turn < 100; turn++) await clock.turn();
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([5, 0]);
  });

  it("ends sleeps by time, then by registration, each at its own instant", async () => {
    const clock = createVirtualClock();
    const ended: string[] = [];
    const nap = (name: string, ms: number) =>
      clock.sleep(ms).then(() => ended.push(`${name}@${clock.monotonicMs()}`));
    void nap("c", 30);
    void nap("a", 10);
    void nap("b", 30);
    void nap("d", 31);
    await clock.advance(30);
    expect(ended).toEqual(["a@10", "c@30", "b@30"]);
    expect([clock.monotonicMs(), clock.pending]).toEqual([30, 1]);
  });

  it("lets one sleeper finish all it can before the next wakes at the same instant", async () => {
    const clock = createVirtualClock();
    const log: string[] = [];
    const work = async (name: string) => {
      await clock.sleep(10);
      log.push(`${name} wakes`);
      for (let turn = 0; turn < 5; turn++) await clock.turn();
      log.push(`${name} is done`);
    };
    void work("first");
    void work("second");
    await clock.advance(10);
    expect(log).toEqual([
      "first wakes",
      "first is done",
      "second wakes",
      "second is done",
    ]);
  });

  it("ends sleeps that began on the way", async () => {
    const clock = createVirtualClock();
    const ticks: number[] = [];
    void (async () => {
      for (;;) {
        await clock.sleep(25);
        ticks.push(clock.monotonicMs());
      }
    })();
    await clock.advance(100);
    expect(ticks).toEqual([25, 50, 75, 100]);
    expect(clock.pending).toBe(1);
  });

  it("ends a sleep of nothing without moving", async () => {
    const clock = createVirtualClock();
    let ended = 0;
    void clock.sleep(0).then(() => clock.sleep(-5)).then(() => ended++);
    await clock.idle();
    expect([ended, clock.monotonicMs(), clock.pending]).toEqual([1, 0, 0]);
  });

  it("ends a sleep at once when its signal aborts, and leaves no timer", async () => {
    const clock = createVirtualClock();
    const abort = new AbortController();
    const nap = clock.sleep(1_000, abort.signal);
    expect(clock.pending).toBe(1);
    abort.abort();
    await nap;
    expect(clock.pending).toBe(0);
    await clock.sleep(1_000, abort.signal);
    expect(clock.monotonicMs()).toBe(0);
  });

  it("forgets the signal of a sleep that ended", async () => {
    const clock = createVirtualClock();
    const signal = new AbortController().signal;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    void clock.sleep(10, signal);
    expect(listeners).toBe(1);
    await clock.advance(10);
    expect(listeners).toBe(0);
  });

  it("moves the wall clock alone when the wall clock jumps", async () => {
    const clock = createVirtualClock({ startAtMs: 1_000_000 });
    let woke = false;
    void clock.sleep(100).then(() => woke = true);
    clock.jumpWall(-900_000);
    clock.jumpWall(50);
    await clock.idle();
    expect([clock.nowMs(), clock.monotonicMs(), woke]).toEqual([
      100_050,
      0,
      false,
    ]);
    await clock.advance(99);
    clock.setWallMs(0);
    expect([clock.nowMs(), clock.monotonicMs(), woke]).toEqual([0, 99, false]);
    await clock.advance(1);
    expect([clock.nowMs(), clock.monotonicMs(), woke]).toEqual([1, 100, true]);
  });

  it("runs until a condition holds and not an instant further", async () => {
    const clock = createVirtualClock();
    let ticks = 0;
    void (async () => {
      for (;; ticks++) await clock.sleep(7);
    })();
    await clock.runUntil(() => ticks === 3);
    expect(clock.monotonicMs()).toBe(21);
    await clock.runUntil(() => Promise.resolve(ticks === 3));
    expect(clock.monotonicMs()).toBe(21);
  });

  it("says what sleeps when a condition is out of reach", async () => {
    const clock = createVirtualClock();
    await clock.advance(5);
    for (let nap = 0; nap < 12; nap++) void clock.sleep(100 + nap);
    await expect(clock.runUntil(() => false, { maxMs: 50 })).rejects.toThrow(
      /within 50 ms: it does not hold at 5 ms and asleep are from 5 to 105 ms,.*and 2 more/,
    );
    await expect(clock.runUntil(() => false)).rejects.toThrow("nothing sleeps");
  });

  it("passes on what a condition throws, and can be moved again", async () => {
    const clock = createVirtualClock();
    const broken = () => {
      throw new Error("broken condition");
    };
    await expect(clock.runUntil(broken)).rejects.toThrow("broken condition");
    await clock.advance(1);
    expect(clock.monotonicMs()).toBe(1);
  });

  it("refuses two drivers at a time", async () => {
    const clock = createVirtualClock();
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow("being moved already");
    await first;
    expect(clock.monotonicMs()).toBe(10);
  });

  it("waits for real parts that take several turns of the event loop", async () => {
    const clock = createVirtualClock();
    let done = false;
    void (async () => {
      for (let turn = 0; turn < 1_000; turn++) await clock.turn();
      done = true;
    })();
    await clock.idle();
    expect(done).toBe(true);
  });

  it("says so when a loop waits for nothing", async () => {
    const clock = createVirtualClock();
    let stopped = false;
    void (async () => {
      while (!stopped) await clock.turn();
    })();
    await expect(clock.idle()).rejects.toThrow(
      /Cannot settle at 0 ms as turn\(\) is still being called/,
    );
    stopped = true;
    await clock.idle();
  });

  it("gives the event loop a macrotask at every turn", async () => {
    const clock = createVirtualClock();
    let macrotask = false;
    setImmediate(() => macrotask = true);
    for (let hop = 0; hop < 1_000; hop++) await Promise.resolve();
    expect(macrotask).toBe(false);
    await clock.turn();
    expect(macrotask).toBe(true);
  });

  it.each([
    ["startAtMs", () => createVirtualClock({ startAtMs: NaN })],
    ["ms", () => createVirtualClock().advance(-1)],
    ["ms", () => createVirtualClock().advance(Infinity)],
    ["ms", () => createVirtualClock().sleep(NaN)],
    ["ms", () => createVirtualClock().setWallMs(NaN)],
    ["maxMs", () => createVirtualClock().runUntil(() => true, { maxMs: NaN })],
  ])("refuses a bad %s", (field, attempt) => {
    expect(attempt).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", field }),
    );
  });
});
