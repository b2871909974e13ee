/**
 * A database on a network file system is refused, before anything is opened.
 */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { fileSystemOf } from "../../adapters/sqlite/file_system.ts";
import { networkFileSystem } from "../../adapters/sqlite/network_file_system.ts";
import { program } from "./child.ts";
import { createRig, temporaryFolder } from "./rig.ts";

const reader = program("reader");

test.each([
  [0x6969n, "NFS"],
  [0x517bn, "SMB"],
  [0xff534d42n, "CIFS"],
  [0xfe534d42n, "SMB2"],
  [0x01021997n, "9P"],
  [0x00c36400n, "Ceph"],
])("0x%s is known as %s", (magic, name) => {
  expect(networkFileSystem(magic)).toBe(name);
});

test("a number with a sign is the same number", () => {
  const signed = BigInt.asIntN(32, 0xff534d42n);
  expect(networkFileSystem(signed)).toBe("CIFS");
  expect(networkFileSystem(BigInt.asUintN(64, signed))).toBe("CIFS");
});

/** ext, XFS, Btrfs, overlay, F2FS, tmpfs, FUSE, ZFS, and one that is not told. */
test.each([
  0xef53n,
  0x58465342n,
  0x9123683en,
  0x794c7630n,
  0xf2f52010n,
  0x01021994n,
  0x65735546n,
  0x2fc12fc1n,
  0n,
])("%s is none", (magic) => {
  expect(networkFileSystem(magic)).toBeNull();
});

describe.runIf(process.platform === "linux")("the file system", () => {
  test("is told of a file, and of one that is to be", async () => {
    const rig = await createRig();
    const magic = await fileSystemOf(rig.path);
    expect(magic).toBeGreaterThan(0n);
    expect(await fileSystemOf(`${rig.path}.new`)).toBe(magic);
    expect(await fileSystemOf(join(rig.path, "no/folder"))).toBeNull();
  });

  test("is refused where other machines share it, by its own number", async () => {
    const folder = temporaryFolder();
    const path = join(folder, "app.db");
    const answersOn = async (magic: string) => {
      const preload = `LD_PRELOAD=${compiled(folder)}`;
      const through = ["env", preload, `STATFS_TYPE=${magic}`];
      const child = await reader([path], through);
      return [await child.line(), await child.line()];
    };
    const refused = ["STORAGE_NETWORK_FILE", "STORAGE_NOT_MIGRATED"];
    expect(await answersOn("0x6969")).toEqual(refused);
    expect(existsSync(path)).toBe(false);
    expect(await answersOn("0xef53")).toEqual(["migrated", "opened"]);
    expect(await answersOn("0x6969"))
      .toEqual(["STORAGE_NETWORK_FILE", "STORAGE_NETWORK_FILE"]);
  });
});

function compiled(folder: string): string {
  const source = new URL("programs/statfs.c", import.meta.url);
  const output = join(folder, "statfs.so");
  const flags = ["-O2", "-shared", "-fPIC", "-o", output];
  execFileSync("cc", [...flags, fileURLToPath(source), "-ldl"]);
  return output;
}
