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
  /** Whose it is. */
  readonly owner: object;
  /** The messages on it. */
  readonly ids: Set<string> = new Set();
  readonly #limits: WireLimits;
  readonly #keys = new Map<string, KeyOnWire>();

  /** Nothing is on its way yet. */
  constructor(limits: WireLimits, owner: object) {
    this.#limits = limits;
    this.owner = owner;
  }

  /** A message is sent; returns what speaks against it. */
  send({ id, key, seq }: Message): string[] {
    const { order, window, laneWindow } = this.#limits;
    const objections: string[] = [];
    if (this.ids.size >= window) objections.push(`${id} exceeds the window`);
    this.ids.add(id);
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
  land({ id, key }: Message): void {
    this.ids.delete(id);
    const of = key === null ? undefined : this.#keys.get(key);
    if (of !== undefined) of.count -= 1;
  }
}
