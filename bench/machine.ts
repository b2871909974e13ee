/**
 * The machine: what the figures depend on.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import process from "node:process";

/** Facts, by their name. */
export type Facts = Readonly<Record<string, string>>;

/** Gathers the facts; `folder` is where the databases will be. */
export async function machineFacts(
  { folder, mosquitto }: {
    readonly folder: string;
    readonly mosquitto: string | undefined;
  },
): Promise<Facts> {
  const processors = cpus();
  return {
    cores: `${processors.length} × ${processors[0]?.model.trim() ?? "?"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    kernel: `${type()} ${release()}`,
    "file system": await fileSystemOf(folder),
    load: loadavg().map((load) => load.toFixed(2)).join(" "),
    node: process.version,
    sqlite: await sqliteVersion(),
    "@libsql/client": packageVersion("@libsql/client"),
    "drizzle-orm": packageVersion("drizzle-orm"),
    "mqtt.js": packageVersion("mqtt"),
    mosquitto: mosquittoVersion(mosquitto),
  };
}

/** Magic numbers of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
  0x794c7630: "overlay",
  0xf2f52010: "f2fs",
  0x01021994: "tmpfs: IN MEMORY, set TMPDIR to a folder on a disk",
};

async function fileSystemOf(folder: string): Promise<string> {
  const { type: magic } = await statfs(folder);
  return FILE_SYSTEMS[magic] ?? `0x${magic.toString(16)}`;
}

async function sqliteVersion(): Promise<string> {
  const client = createClient({ url: ":memory:" });
  const { rows } = await client.execute("SELECT sqlite_version()");
  client.close();
  return String(rows[0]?.[0]);
}

/** Packages hide their description behind their exports, so the file is read. */
function packageVersion(name: string): string {
  const file = new URL(
    `../../node_modules/${name}/package.json`,
    import.meta.url,
  );
  const { version } = JSON.parse(readFileSync(file, "utf8")) as {
    version: string;
  };
  return version;
}

function mosquittoVersion(binary: string | undefined): string {
  if (binary === undefined) return "not installed";
  const { stdout } = spawnSync(binary, ["-h"], { encoding: "utf8" });
  return /version (\S+)/.exec(stdout)?.[1] ?? "unknown";
}
