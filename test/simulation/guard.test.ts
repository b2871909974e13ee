import { expect, test } from "vitest";
import { guarded } from "./guard.ts";

const ways: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "new Date": () => new Date(),
  "Date": () => Date(),
  "performance.now": () => performance.now(),
  "Math.random": () => Math.random(),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "crypto.getRandomValues": () => crypto.getRandomValues(new Uint8Array(1)),
  "AbortSignal.timeout": () => AbortSignal.timeout(1_000),
  "setTimeout": () => clearTimeout(setTimeout(() => {})),
  "setInterval": () => clearInterval(setInterval(() => {})),
  "setImmediate": () => clearImmediate(setImmediate(() => {})),
  "queueMicrotask": () => queueMicrotask(() => {}),
  "process.hrtime": () => process.hrtime(),
  "process.nextTick": () => process.nextTick(() => {}),
};

test.each(Object.entries(ways))(
  "%s is out of reach while a seed runs",
  async (_, way) => {
    await expect(guarded(() => Promise.resolve(way()))).rejects.toThrow(
      "as a seed runs: use the ports",
    );
    way();
  },
);

test("a date of some instant can be made as ever, and is a date", async () => {
  const date = await guarded(() => Promise.resolve(new Date(0)));
  expect(date).toBeInstanceOf(Date);
  expect(date.toISOString()).toBe("1970-01-01T00:00:00.000Z");
});

test("all is given back, also after a failure", async () => {
  const { now } = Date;
  await expect(guarded(() => Promise.reject(new Error("no")))).rejects
    .toThrow("no");
  expect(Date.now).toBe(now);
});
