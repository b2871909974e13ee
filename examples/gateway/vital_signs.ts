/**
 * This machine's vital signs: real telemetry, one device per source.
 *
 * @module
 */

import { readFile, statfs } from "node:fs/promises";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import process from "node:process";

/** What one device measured. */
export interface VitalSign {
  /** `cpu0`, `load`, `memory`, `disk`, `process`, `net-eth0` … */
  readonly device: string;
  /** The measurements, by name and unit. */
  readonly values: Readonly<Record<string, number>>;
}

/** Enough to have many keys; a large machine has hundreds of cores. */
const MAX_CORES = 4;
const MAX_INTERFACES = 3;

/**
 * Returns a function that reads all devices. Shares of time are those since
 * the call before.
 */
export function vitalSigns(
  directory: string,
): () => Promise<readonly VitalSign[]> {
  let before = coreTimes();
  return async () => {
    const now = coreTimes();
    const cores = now.map((times, at) => core(at, times, before[at] ?? times));
    before = now;
    return [
      ...cores,
      load(),
      memory(),
      await disk(directory),
      ownProcess(),
      ...await interfaces(),
    ];
  };
}

interface CoreTimes {
  readonly idleMs: number;
  readonly totalMs: number;
}

function coreTimes(): readonly CoreTimes[] {
  return cpus().slice(0, MAX_CORES).map(({ times }) => ({
    idleMs: times.idle,
    totalMs: times.user + times.nice + times.sys + times.idle + times.irq,
  }));
}

function core(at: number, now: CoreTimes, before: CoreTimes): VitalSign {
  const passedMs = now.totalMs - before.totalMs;
  const idleMs = now.idleMs - before.idleMs;
  const busyPercent = passedMs <= 0 ? 0 : percent(passedMs - idleMs, passedMs);
  return { device: `cpu${at}`, values: { busyPercent } };
}

function load(): VitalSign {
  const [minutes1 = 0, minutes5 = 0, minutes15 = 0] = loadavg();
  return { device: "load", values: { minutes1, minutes5, minutes15 } };
}

function memory(): VitalSign {
  const totalBytes = totalmem();
  const usedBytes = totalBytes - freemem();
  const usedPercent = percent(usedBytes, totalBytes);
  return { device: "memory", values: { usedBytes, usedPercent } };
}

async function disk(directory: string): Promise<VitalSign> {
  const { bsize, blocks, bfree, bavail } = await statfs(directory);
  const usedPercent = percent(blocks - bfree, blocks);
  return { device: "disk", values: { freeBytes: bavail * bsize, usedPercent } };
}

function ownProcess(): VitalSign {
  const { rss, heapUsed } = process.memoryUsage();
  return { device: "process", values: { rssBytes: rss, heapBytes: heapUsed } };
}

/** The interfaces that have carried anything; none where there is no /proc. */
async function interfaces(): Promise<readonly VitalSign[]> {
  const text = await readFile("/proc/net/dev", "utf8").catch(() => "");
  return text.split("\n").slice(2).flatMap((line) => {
    const [name, ...counts] = line.trim().split(/[:\s]+/);
    const [receivedBytes = 0, receivedPackets = 0] = counts.map(Number);
    const [sentBytes = 0, sentPackets = 0] = counts.slice(8).map(Number);
    if (!name || receivedPackets + sentPackets === 0) return [];
    const values = { receivedBytes, receivedPackets, sentBytes, sentPackets };
    return [{ device: `net-${name}`, values }];
  }).slice(0, MAX_INTERFACES);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
}
