/**
 * The ledger: what was committed and what has arrived so far, for the screen
 * and for the latencies. The verdict does not trust it; it asks the database.
 *
 * @module
 */

import type { ReadingRef } from "./gateway_database.ts";
import type { Receipt } from "./process_protocol.ts";

/** A reading on its way from its commit to its first receipt. */
export interface Passage {
  readonly committedAtMs: number;
  readonly receivedAtMs: number;
}

/** Keeps account while the example runs. */
export class Ledger {
  /** Everything that arrived, copies included, in order. */
  readonly receipts: Receipt[] = [];
  /** Every reading that was committed and has arrived. */
  readonly passages: Passage[] = [];
  readonly #underWay = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  #committed = 0;

  /** Notes a commit. */
  committed(reading: ReadingRef, committedAtMs: number): void {
    const name = nameOf(reading);
    this.#committed += 1;
    const receivedAtMs = this.#arrived.get(name);
    if (receivedAtMs === undefined) this.#underWay.set(name, committedAtMs);
    else this.passages.push({ committedAtMs, receivedAtMs });
  }

  /** Notes a receipt. */
  received(receipt: Receipt): void {
    this.receipts.push(receipt);
    const name = nameOf(receipt);
    if (this.#arrived.has(name)) return;
    const { receivedAtMs } = receipt;
    this.#arrived.set(name, receivedAtMs);
    const committedAtMs = this.#underWay.get(name);
    if (committedAtMs === undefined) return;
    this.#underWay.delete(name);
    this.passages.push({ committedAtMs, receivedAtMs });
  }

  /** How many readings were committed. */
  get committedCount(): number {
    return this.#committed;
  }

  /** How many of them have arrived. */
  get deliveredCount(): number {
    return this.passages.length;
  }

  /** How many have not. */
  get backlog(): number {
    return this.#underWay.size;
  }

  /** How many arrivals were copies. */
  get duplicates(): number {
    return this.receipts.length - this.#arrived.size;
  }

  /** When the oldest reading under way was committed, or `null`. */
  get oldestAtMs(): number | null {
    return this.#underWay.values().next().value ?? null;
  }
}

function nameOf({ device, reading }: ReadingRef): string {
  return `${device} ${reading}`;
}
