/**
 * The tail: a relay reads on where somebody else committed, and only there.
 */

import { expect, onTestFinished, test } from "vitest";
import { connectLibsql } from "../../adapters/libsql/driver.ts";
import { Tail } from "../../adapters/sqlite/tail.ts";
import {
  EVERYTHING,
  settle,
  takeLease,
} from "../../src/testing/conformance/storage_bench.ts";
import { createRig, messages, type Rig } from "./rig.ts";

const OWN = {
  sql: "UPDATE mailboat_relay SET beat = beat + 1",
  args: [],
};

async function driverOn({ path }: Rig) {
  const driver = await connectLibsql(path, { lockWaitMs: 0, setWal: false });
  onTestFinished(() => driver.close());
  return driver;
}

const page = (scannedTo: number, end: boolean) => ({
  messages: [],
  scannedTo,
  end,
});

test("the tail holds through own commits, until another one", async () => {
  const rig = await createRig();
  const driver = await driverOn(rig);
  const tail = new Tail(driver);
  const reached = async (after: number) => await tail.isReached(after);
  expect(await reached(5)).toBe(false);
  tail.noteRead(page(5, true));
  // The version before the first read that ended was not looked at.
  expect(await reached(5)).toBe(false);
  tail.noteRead(page(5, true));
  await driver.transact([OWN]);
  expect([await reached(4), await reached(5), await reached(6)])
    .toEqual([false, true, true]);
  await rig.commit(...messages("a"));
  expect(await reached(5)).toBe(false);
  tail.noteRead(page(6, false));
  expect(await reached(6)).toBe(false);
});

test("a connection that was replaced has versions of its own", async () => {
  const rig = await createRig();
  const driver = await driverOn(rig);
  const seen = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const before = await driver.version!();
    expect(seen).not.toContain(before);
    seen.add(before);
    const tx = await rig.client.transaction("write");
    // A prepared statement that meets a lock spoils its connection.
    const busy = driver.query({ sql: "BEGIN IMMEDIATE", args: [] });
    await expect(busy).rejects.toThrow("locked");
    await tx.rollback();
  }
});

test("what others commit is seen at once, whatever was recorded since", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a", "b", "c"));
  const store = await rig.open();
  const lease = await takeLease(store);
  const seen: string[] = [];
  let after = 0;
  for (const id of ["d", "e", "f"]) {
    for (let look = 0; look < 3; look++) {
      const found = await store.read({ ...EVERYTHING, after });
      seen.push(...found.messages.map((message) => message.id));
      after = found.scannedTo;
      const delivered = found.messages.map(({ seq }) => seq);
      await settle(store, lease, { delivered });
    }
    await rig.commit(...messages(id));
  }
  const last = await store.read({ ...EVERYTHING, after });
  seen.push(...last.messages.map((message) => message.id));
  expect(seen).toEqual(["a", "b", "c", "d", "e", "f"]);
});
