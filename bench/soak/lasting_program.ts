/**
 * Programs that run until they are ended, and are not to end before.
 *
 * @module
 */

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startProgram } from "../program.ts";

/** A program that is to run until it is ended. */
export class LastingProgram {
  readonly child: ChildProcess;
  /** Rejects when it ends by itself. */
  readonly broken: Promise<never>;
  readonly #ended: Promise<unknown>;
  #isEnding = false;

  constructor(name: string, order: object) {
    this.child = startProgram(name, { order });
    const exited = once(this.child, "exit");
    this.broken = exited.then(([status, signal]) => {
      // It is looked at only while nobody ends the program.
      if (this.#isEnding) return new Promise<never>(() => {});
      throw new Error(`The program ${name} ended with ${signal ?? status}`);
    });
    // What it told last is read when the channel is closed, and not before.
    this.#ended = Promise.all([exited, once(this.child, "disconnect")]);
  }

  /** Asks it something. */
  async ask<Answer>(): Promise<Answer> {
    const answered = once(this.child, "message") as Promise<[Answer]>;
    this.child.send("?");
    const [answer] = await answered;
    return answer;
  }

  /** Has it finish what it does; idempotent. */
  async end(how: "message" | "disconnect" = "disconnect"): Promise<void> {
    this.#isEnding = true;
    if (this.child.connected) {
      if (how === "message") this.child.send("end");
      else this.child.disconnect();
    }
    await this.#ended;
  }
}
