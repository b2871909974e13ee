/** In how many words pages are read. */

import { expect, onTestFinished, test } from "vitest";
import { connectLibsql } from "../../adapters/libsql/driver.ts";
import { Reader } from "../../adapters/sqlite/reader.ts";
import { commonScan } from "../../adapters/sqlite/pages.ts";
import { tablesOf } from "../../adapters/sqlite/tables.ts";
import { createRig, message } from "./rig.ts";

test("a page is one statement; only where its bytes begin not to fit it is two", async () => {
  const rig = await createRig();
  const sizes = [10, 10, 60, 60, 60, 10, 10, 10];
  await rig.commit(
    ...sizes.map((size) => message({ payload: new Uint8Array(size) })),
  );
  const { read, asked } = await openReader(rig.path);
  expect(await read(0, 2)).toEqual([1, 2]);
  expect(asked).toEqual(["whole"]);
  expect(await read(2, 3)).toEqual([3]);
  expect(asked.splice(0)).toEqual(["whole", "whole", "cut"]);
  // As the last one was cut, the next one is not hoped to fit.
  expect(await read(3, 3)).toEqual([4]);
  expect(asked.splice(0)).toEqual(["cut"]);
  expect(await read(4, 3)).toEqual([5, 6, 7]);
  expect(asked.splice(0)).toEqual(["cut"]);
  expect(await read(7, 3)).toEqual([8]);
  expect(asked).toEqual(["whole"]);
});

/** A reader of pages of 100 bytes, and which statements it asks. */
async function openReader(path: string) {
  const driver = await connectLibsql(path, { lockWaitMs: 0, setWal: false });
  onTestFinished(() => driver.close());
  const asked: string[] = [];
  const tables = tablesOf();
  const reader = new Reader({
    tables,
    driver: {
      query: (statement) => {
        asked.push(statement.sql.includes(" WINDOW ") ? "cut" : "whole");
        return driver.query(statement);
      },
      transact: (statements) => driver.transact(statements),
      close: () => driver.close(),
    },
  });
  const read = async (after: number, limit: number) => {
    const request = { after, limit, maxBytes: 100, exceptKeys: [] };
    const { page } = await reader.read(commonScan(tables, request));
    return page.messages.map(({ seq }) => seq);
  };
  return { read, asked };
}
