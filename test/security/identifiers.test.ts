import { libsqlStorage } from "@mailboat/outbox/libsql";
import { describe, expect, test } from "vitest";
import {
  discardDeadStatements,
  listDeadStatement,
  retryDeadStatements,
} from "../../adapters/sqlite/dead_letters.ts";
import { acquireStatement } from "../../adapters/sqlite/lease.ts";
import {
  commonScan,
  cutPageStatement,
  failuresStatement,
  laneScan,
  pageStatement,
} from "../../adapters/sqlite/pages.ts";
import { pruneStatements } from "../../adapters/sqlite/archive.ts";
import { settleStatements } from "../../adapters/sqlite/settling.ts";
import { tablesOf } from "../../adapters/sqlite/tables.ts";
import { batchOf } from "../../adapters/sqlite/enqueueing.ts";
import { message } from "../storage/rig.ts";

describe("a name that is configured", () => {
  test.each([
    "",
    "1a",
    'a"',
    "a'",
    "a;",
    "a--",
    "a b",
    "a.b",
    "a\u0000",
    "a\n",
    "é",
    "\u0430",
    "a\u202e",
    "a".repeat(64),
    "a".repeat(10_000),
    "a".repeat(2 ** 20),
  ])("is refused when it is no identifier: %#", (prefix) => {
    expect(() => libsqlStorage("/nowhere/app.db", { prefix })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", field: "prefix" }),
    );
  });

  test.each(["a", "_", "__proto__", "select", "constructor", "A9_".repeat(21)])(
    "is quoted wherever it stands: %s",
    (prefix) => {
      for (const name of Object.values(tablesOf(prefix))) {
        expect(name).toMatch(/^"[A-Za-z0-9_]+"$/);
      }
    },
  );
});

describe("the text of a statement", () => {
  const hostile = `'"; DROP TABLE mailboat_message; --\u0000?`;

  test("is the same whatever the values are", () => {
    const texts = textsWith("harmless", 1);
    expect(texts.length).toBeGreaterThan(12);
    expect(textsWith(hostile, 4_242_424_242)).toEqual(texts);
  });
});

/** Every statement there is, with these values. */
function textsWith(text: string, number: number): string[] {
  const tables = tablesOf();
  const lease = { owner: text, epoch: number };
  const filter = { id: text, key: text, topic: text };
  const page = { after: number, limit: number, maxBytes: number };
  const failure = {
    seq: number,
    key: text,
    state: "dead",
    holds: true,
    attempts: number,
    deaths: number,
    trial: text,
    firstFailedAtMs: number,
    failedAtMs: number,
    delayMs: number,
    code: text,
    reason: text,
  } as const;
  const scans = [
    commonScan(tables, { ...page, exceptKeys: [text] }),
    laneScan(tables, { ...page, key: text, upTo: number }),
  ];
  return [
    ...scans.map((scan) => pageStatement(tables, scan)),
    ...scans.map((scan) => cutPageStatement(tables, scan)),
    failuresStatement(tables, page),
    listDeadStatement(tables, { ...page, filter }),
    ...retryDeadStatements(tables, filter),
    ...discardDeadStatements(tables, filter),
    acquireStatement(tables, {
      owner: text,
      leaseMs: number,
      nowMs: number,
      expect: { epoch: number, beat: number },
    }),
    ...settleStatements(tables, {
      lease,
      delivered: [number],
      expired: [number],
      keepExpired: number,
      recovered: [number],
      proven: true,
      failed: [failure],
      archive: true,
      then: "renew",
      nowMs: number,
    }, [number]),
    ...pruneStatements(tables, {
      deliveredBeforeMs: number,
      keepRows: number,
      limit: number,
    }),
    ...batchOf(tables, [
      message({
        id: text,
        chosenId: true,
        event: text,
        topic: text,
        key: text,
        contentType: text,
        headers: { h: text },
        payload: new TextEncoder().encode(text),
      }),
    ]),
  ].map(({ sql }) => sql);
}
