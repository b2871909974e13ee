/**
 * The log of a run: the history on its way into its file, and what it amounts
 * to so far.
 *
 * @module
 */

import type { HistoryEntry } from "@mailboat/outbox/testing";
import type { HistoryFile } from "./history_file.ts";
import type { WireFacts } from "./wire.ts";

/** What only those who were there can tell; all but the drain and the counts must be zero. */
export interface RunFacts {
  readonly wire: WireFacts;
  /** Business rows: transactions of which only a part is there. */
  tornRows: number;
  /** Transactions that were committed by the database's word and are not there. */
  missingRows: number;
  /** Transactions that were rolled back and are there. */
  phantomRows: number;
  /** Databases that SQLite itself finds damaged. */
  damaged: number;
  /** Messages that were set aside as dead, though nothing is wrong with any. */
  condemned: number;
  /** Processes that ended though nobody had killed them. */
  deserted: number;
  /** Transactions that failed, by the database's word for it. */
  readonly refused: Record<string, number>;
  /** The longest time from the end of the faults until all was delivered. */
  drainedMs: number;
}

/** How many of the faults are kills, by the names of their kinds. */
export function killsAmong(
  faults: Iterable<readonly [kind: string, count: number]>,
): number {
  return [...faults].reduce(
    (sum, [kind, count]) => kind.includes("killed") ? sum + count : sum,
    0,
  );
}

/** Keeps account of a run. */
export class Log {
  readonly facts: RunFacts = {
    wire: {
      published: 0,
      acknowledged: 0,
      connections: 0,
      crowded: 0,
      stale: 0,
    },
    tornRows: 0,
    missingRows: 0,
    phantomRows: 0,
    damaged: 0,
    condemned: 0,
    deserted: 0,
    refused: {},
    drainedMs: 0,
  };
  /** How often something was done to the run, by kind. */
  readonly faults = new Map<string, number>();
  committed = 0;
  received = 0;
  readonly #file: HistoryFile;
  #committedTxs = 0;
  /** Transactions whose outcome nobody has heard yet, and how many messages they have. */
  readonly #open = new Map<string, number>();

  constructor(file: HistoryFile) {
    this.#file = file;
  }

  /** Transactions whose outcome nobody has heard. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** How many processes were killed. */
  get kills(): number {
    return killsAmong(this.faults);
  }

  /** How many transactions were committed since this was asked last. */
  takeCommitted(): number {
    const count = this.#committedTxs;
    this.#committedTxs = 0;
    return count;
  }

  /** Notes an entry. */
  write(entry: HistoryEntry): void {
    this.#file.write(entry);
    switch (entry.type) {
      case "intended":
        this.#open.set(entry.tx, entry.messages.length);
        break;
      case "committed":
        this.#close(entry.tx, true);
        break;
      case "rolledBack":
        this.#close(entry.tx, false);
        break;
      case "resolved":
        this.#close(entry.tx, entry.committed);
        break;
      case "received":
        this.received += 1;
        break;
    }
  }

  /** Notes that a writer's database failed. */
  refused(code: string): void {
    const { refused } = this.facts;
    refused[code] = (refused[code] ?? 0) + 1;
  }

  /** Notes that something was done to the run. What it explains is told by the connections it costs. */
  injected(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.write({ type: "fault", kind, duplicates: 0 });
  }

  /** The first word on an outcome counts: a killed writer's own may come late. */
  #close(tx: string, committed: boolean): void {
    const messages = this.#open.get(tx);
    if (messages === undefined) return;
    if (committed) {
      this.committed += messages;
      this.#committedTxs += 1;
    }
    this.#open.delete(tx);
  }
}
