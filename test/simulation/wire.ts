/**
 * A wire: what is on its way on one connection.
 *
 * @module
 */

import type { Message } from "@mailboat/outbox";
import type { Setting } from "./setting.ts";

/** What a wire is held against. */
export type WireLimits = Pick<Setting, "order" | "window" | "laneWindow">;

interface KeyOnWire {
  count: number;
  lastSeq: number;
}

/** What is on its way on one connection. */
export class Wire {
  readonly #limits: WireLimits;
  readonly #keys = new Map<string, KeyOnWire>();
  #count = 0;

  /** Nothing is on its way yet. */
  constructor(limits: WireLimits) {
    this.#limits = limits;
  }

  /** A message is sent; returns what speaks against it. */
  send({ id, key, seq }: Message): string[] {
    const { order, window, laneWindow } = this.#limits;
    const objections: string[] = [];
    if (this.#count >= window) objections.push(`${id} exceeds the window`);
    this.#count += 1;
    if (key === null) return objections;
    const { count, lastSeq } = this.#keys.get(key) ?? { count: 0, lastSeq: 0 };
    const atOnce = order === "strict" ? 1 : laneWindow;
    if (count >= atOnce) {
      objections.push(`${id} is sent while ${count} of ${key} are in flight`);
    }
    // Whatever goes again goes after everything of its key has landed.
    if (count > 0 && seq <= lastSeq) {
      objections.push(`${id} is sent again before all of ${key} has landed`);
    }
    this.#keys.set(key, { count: count + 1, lastSeq: seq });
    return objections;
  }

  /** A message has landed. */
  land({ key }: Message): void {
    this.#count -= 1;
    const of = key === null ? undefined : this.#keys.get(key);
    if (of !== undefined) of.count -= 1;
  }
}
