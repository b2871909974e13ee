/**
 * What a run leaves behind, and takes away at its end, however it ends:
 * a folder, processes, a mounted file system.
 *
 * @module
 */

import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { withoutDisk } from "../support/without_disk.ts";
import { NOTHING, sum, type Tally, tallyOf } from "./tally.ts";
import { UNUSABLE } from "./verdict.ts";

type Message =
  | { readonly type: "progress"; readonly where: string }
  | { readonly type: "report"; readonly tally: Tally };

/** A folder, and the processes that work in it. */
export class Workspace implements Disposable {
  readonly folder: string;
  readonly #children = new Set<ChildProcess>();
  #mountPoint: string | null = null;
  #started = 0;

  /** Creates the folder, where there is no disk to wait for if possible. */
  constructor() {
    this.folder = mkdtempSync(join(withoutDisk(), "mailboat-power-"));
  }

  /** Unmounts this at the end, if it is mounted then. */
  willMount(mountPoint: string): void {
    this.#mountPoint = mountPoint;
  }

  /**
   * Runs one of the programs with an order, and a folder of its own. When it
   * dies without a report, what it was looking at is to blame.
   */
  async run(
    program: "replay" | "power_cut",
    order: object,
    onProgress: () => void,
  ): Promise<Tally> {
    const folder = join(this.folder, `${++this.#started}`);
    mkdirSync(folder);
    const child = fork(
      new URL(`./programs/${program}.js`, import.meta.url),
      [JSON.stringify({ ...order, folder })],
      { execArgv: ["--expose-gc"] },
    );
    this.#children.add(child);
    try {
      return await reportOf(child, onProgress);
    } finally {
      this.#children.delete(child);
      rmSync(folder, { recursive: true, force: true });
    }
  }

  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    if (this.#mountPoint !== null) unmountQuietly(this.#mountPoint);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function reportOf(child: ChildProcess, onProgress: () => void): Promise<Tally> {
  let where = "before the first cut";
  let tally: Tally | null = null;
  child.on("message", (message: Message) => {
    if (message.type === "report") tally = message.tally;
    else {
      where = message.where;
      onProgress();
    }
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      const verdict = { violations: UNUSABLE, lostNewest: 0 };
      const why = `${where}: the process ended with ${signal ?? code}`;
      resolve(tally ?? sum(NOTHING, tallyOf(verdict, why)));
    });
  });
}

/** Its processes may not be gone yet: it vanishes when they are. */
function unmountQuietly(mountPoint: string): void {
  try {
    execFileSync("umount", ["--lazy", mountPoint], { stdio: "ignore" });
  } catch {
    // It was not mounted.
  }
}
