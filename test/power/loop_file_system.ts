/**
 * An ext4 file system in a file, whose power can be cut.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
} from "node:fs";
import { join } from "node:path";

/** What a file system is made of. */
export interface LoopFiles {
  /** The file it is in. */
  readonly device: string;
  readonly mountPoint: string;
  /** The program that cuts it off. */
  readonly shutdown: string;
}

/** The size of a file that grows elsewhere, just before and just after a cut. */
export interface Blackout {
  readonly beganAt: number;
  readonly endedAt: number;
}

const DEVICE_BYTES = 64 * 2 ** 20;

/** Makes room for a file system in a folder. */
export function allocate(folder: string, shutdown: string): LoopFiles {
  const device = join(folder, "device");
  const mountPoint = join(folder, "mounted");
  const file = openSync(device, "w");
  ftruncateSync(file, DEVICE_BYTES);
  closeSync(file);
  mkdirSync(mountPoint);
  return { device, mountPoint, shutdown };
}

/** Why there can be no file system here; `null` when there can. */
export function obstacleTo(files: LoopFiles): string | null {
  if (process.getuid?.() !== 0) return "they need root";
  if (!existsSync("/dev/loop-control")) return "they need loop devices";
  try {
    format(files);
    mount(files);
    unmount(files);
    return null;
  } catch (error) {
    // Where root has loop devices and a gate is to be passed, this is no excuse.
    if (process.env["CI"]) throw error;
    return String(error);
  }
}

/** Makes it new and empty. */
export function format({ device }: LoopFiles): void {
  run("mkfs.ext4", "-q", "-F", device);
}

/** Mounts it, replaying its journal. */
export function mount({ device, mountPoint }: LoopFiles): void {
  run("mount", "-o", "loop", device, mountPoint);
}

/** Loses all that was not written to the device; watches the size of a file meanwhile. */
export function cutPower(
  { shutdown, mountPoint }: LoopFiles,
  watched: string,
): Blackout {
  const [beganAt, endedAt] = run(shutdown, mountPoint, watched).split(" ");
  return { beganAt: Number(beganAt), endedAt: Number(endedAt) };
}

/** Unmounts it; its loop device goes with it. */
export function unmount({ mountPoint }: LoopFiles): void {
  run("umount", mountPoint);
}

function run(command: string, ...args: readonly string[]): string {
  const options = { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" };
  return execFileSync(command, args, options as { encoding: "utf8" });
}
