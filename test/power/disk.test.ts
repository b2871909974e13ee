/**
 * What a power cut may leave of what was written, and what it may not.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { type Change, Disk, type Fate } from "./disk.ts";
import { drawFate, FATES } from "./fate.ts";
import type { IoRecord } from "./io_record.ts";

const kept: Fate = (change) => [change];
const dropped: Fate = () => [];

function diskAfter(...records: readonly IoRecord[]): Disk {
  const disk = new Disk();
  for (const record of records) disk.apply(record);
  return disk;
}

function write(text: string, offset = 0, file = "a"): IoRecord {
  return { type: "write", file, offset, bytes: new TextEncoder().encode(text) };
}

const sync: IoRecord = { type: "sync", file: "a" };
const syncFolder: IoRecord = { type: "sync", file: "" };

function content(disk: Disk, fate: Fate, file = "a"): string | null {
  const bytes = disk.image(fate).get(file);
  return bytes === undefined ? null : new TextDecoder().decode(bytes);
}

describe("a disk", () => {
  test("may drop a write after the last sync, and not one before it", () => {
    const disk = diskAfter(write("old"), sync, syncFolder, write("new"));
    expect(content(disk, dropped)).toBe("old");
    expect(content(disk, kept)).toBe("new");
  });

  test("may forget a name whose folder was not synced, whatever is in the file", () => {
    const disk = diskAfter(write("old"), sync);
    expect(content(disk, dropped)).toBeNull();
    expect(content(disk, kept)).toBe("old");
    disk.apply(syncFolder);
    expect(content(disk, dropped)).toBe("old");
  });

  test("may keep a name that was removed, and its old file", () => {
    const disk = diskAfter(
      write("old"),
      sync,
      syncFolder,
      { type: "unlink", file: "a" },
      write("new"),
      sync,
    );
    expect(content(disk, dropped)).toBe("old");
    expect(content(disk, kept)).toBe("new");
    disk.apply(syncFolder);
    expect(content(disk, dropped)).toBe("new");
  });

  test("may undo a truncation until it is synced", () => {
    const disk = diskAfter(write("long"), sync, syncFolder, {
      type: "truncate",
      file: "a",
      size: 2,
    });
    expect(content(disk, dropped)).toBe("long");
    expect(content(disk, kept)).toBe("lo");
    disk.apply(sync);
    expect(content(disk, dropped)).toBe("lo");
  });

  test("shows zeros where a file was truncated, and grew again", () => {
    const disk = diskAfter(
      write("long"),
      { type: "truncate", file: "a", size: 1 },
      write("end", 3),
    );
    expect(content(disk, kept)).toBe("l\0\0end");
  });

  test("syncs one file at a time", () => {
    const disk = diskAfter(write("1"), write("2", 0, "b"), sync, syncFolder);
    expect(content(disk, dropped)).toBe("1");
    expect(content(disk, dropped, "b")).toBe("");
    expect(disk.unsynced).toHaveLength(1);
  });

  test("is not changed by being looked at", () => {
    const disk = diskAfter(write("old"), sync, syncFolder, write("new"));
    disk.image(kept);
    expect(content(disk, dropped)).toBe("old");
  });
});

describe("a fate", () => {
  const bytes = new Uint8Array(10_000).fill(7);
  const change: Change = { type: "write", serial: 3, offset: 100, bytes };

  test("of any kind repeats itself for a seed", () => {
    for (const kind of FATES) {
      const once = drawFate(kind, createSeededRandom(4), [1, 3])(change);
      const again = drawFate(kind, createSeededRandom(4), [1, 3])(change);
      expect(again).toEqual(once);
    }
  });

  test("a prefix keeps what came before some change, and nothing after it", () => {
    const ends = new Set<number>();
    for (let seed = 1; seed <= 50; seed++) {
      const fate = drawFate("prefix", createSeededRandom(seed), [1, 2, 3]);
      const survivors = [1, 2, 3].filter((serial) =>
        fate({ ...change, serial }).length > 0
      );
      expect(survivors).toEqual([1, 2, 3].slice(0, survivors.length));
      ends.add(survivors.length);
    }
    expect([...ends].sort()).toEqual([0, 1, 2, 3]);
  });

  test("a torn write stays within its own bytes, and breaks only between sectors", () => {
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 200; seed++) {
      const fate = drawFate("torn", createSeededRandom(seed), [3]);
      for (const piece of fate(change)) {
        if (piece.type !== "write") throw new Error("A write became another");
        const end = piece.offset + piece.bytes.length;
        expect(piece.offset).toBeGreaterThanOrEqual(100);
        expect(end).toBeLessThanOrEqual(10_100);
        expect(end % 512 === 0 || end === 10_100).toBe(true);
        kinds.add(
          piece.bytes.length === 0
            ? "grown"
            : piece.bytes.every((byte) => byte === 7)
            ? "kept"
            : "damaged",
        );
      }
    }
    expect([...kinds].sort()).toEqual(["damaged", "grown", "kept"]);
  });
});
