/**
 * A storage that writes down what it is asked for, and a few events.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { defineEvent, type EventDefinition } from "../../src/event.ts";
import type { NewMessage } from "../../src/message.ts";
import type { Random } from "../../src/random.ts";
import type { Storage, SyncStorage } from "../../src/storage.ts";
import type { Store } from "../../src/store.ts";
import { anything } from "../support/schemas.ts";

/** Stands for a transaction. */
export interface Tx {
  readonly name: string;
}

/** Stands for a statement of a batch API. */
export interface Statement {
  readonly insert: string;
}

export const tx: Tx = { name: "tx" };

/** One call of the writer. */
export interface Call {
  readonly tx: unknown;
  readonly messages: readonly NewMessage[];
}

const unused = {
  migrate: (): Promise<void> => Promise.reject(new Error("not used")),
  open: (): Promise<Store> => Promise.reject(new Error("not used")),
};

/** An asynchronous storage; `answer` says what the insert returns. */
export function recordingStorage(
  answer = (messages: readonly NewMessage[]): readonly boolean[] =>
    messages.map(() => true),
): Storage<Tx, Statement> & { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  return {
    ...unused,
    calls,
    writer: {
      insert(tx, messages) {
        calls.push({ tx, messages });
        return Promise.resolve(answer(messages));
      },
      statements(messages) {
        calls.push({ tx: null, messages });
        return messages.map(({ id }) => ({ insert: id }));
      },
    },
  };
}

/** A synchronous storage. */
export function recordingSyncStorage(
  answer = (messages: readonly NewMessage[]): unknown =>
    messages.map(() => true),
): SyncStorage<Tx> & { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  return {
    ...unused,
    calls,
    writer: {
      insertSync(tx, messages) {
        calls.push({ tx, messages });
        return answer(messages) as readonly boolean[];
      },
    },
  };
}

/** An event without rules. */
export const noted: EventDefinition<unknown> = defineEvent("noted", {
  schema: anything(),
  topic: "notes",
});

/** A wall clock that stands where it is put. */
export function standingClock(
  nowMs: number,
): Clock & { set: (nowMs: number) => void } {
  let now = nowMs;
  return {
    set: (nowMs) => void (now = nowMs),
    nowMs: () => now,
    monotonicMs: () => 0,
    sleep: () => Promise.resolve(),
    turn: () => Promise.resolve(),
  };
}

/** Dice that always fall alike. */
export const loadedDice: Random = {
  fraction: () => 0,
  bytes: (count) => new Uint8Array(count).fill(0xab),
};
