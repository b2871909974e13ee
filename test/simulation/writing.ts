/**
 * Writers: transactions that enqueue messages, side by side on one write lock.
 *
 * @module
 */

import type { OnDead } from "@mailboat/outbox";
import type { HistoryMessage } from "@mailboat/outbox/testing";
import { draft } from "../support/relay_rig.ts";
import type { World } from "./world.ts";
import { withLock } from "./write_lock.ts";

/** One transaction. */
export interface Transaction {
  readonly keys: readonly (string | null)[];
  readonly onDead: OnDead | null;
  /** How long each message lives, in ms; as a rule for ever. */
  readonly ttlMs?: () => number | null;
  /** How long it stays open after its first write, and keeps the lock, in ms. */
  readonly holdMs: number;
  /** `unheard`: committed, but the application died before it knew. */
  readonly end: "commit" | "rollback" | "unheard";
}

/** Carries out transactions, and knows what they have committed. */
export class Writing {
  readonly #world: World;
  readonly #positions = new Map<string | null, number>();
  #transactions = 0;
  #messages = 0;
  #open = 0;

  /** Starts with an empty outbox. */
  constructor(world: World) {
    this.#world = world;
  }

  /** Whether no transaction is under way. */
  get isDone(): boolean {
    return this.#open === 0;
  }

  /** How many transactions were begun. */
  get transactions(): number {
    return this.#transactions;
  }

  /** Carries out a transaction, however long others keep the lock. */
  async write(
    { keys, onDead, ttlMs = () => null, holdMs, end }: Transaction,
  ): Promise<void> {
    const { timeline, auditor, storage } = this.#world;
    const name = `t${++this.#transactions}`;
    this.#open += 1;
    const tx = storage.begin();
    const messages = keys.map((key) => {
      const id = `m${++this.#messages}`;
      return { id, key };
    });
    const lives = new Map(messages.map(({ id }) => [id, ttlMs()]));
    await withLock(timeline, () => {
      // The business row comes first, and asks for the lock.
      tx.put("transactions", name, { end });
      // Whoever gets the lock keeps it: nobody else commits before this one.
      const drafts = this.#placed(messages).map(({ id, key, position }) => {
        const enqueuedAtMs = this.#world.wallMs;
        const lifeMs = lives.get(id) ?? null;
        auditor.lives.begin(id, lifeMs);
        return draft(key, position, {
          id,
          onDead,
          enqueuedAtMs,
          ttlMs: lifeMs,
        });
      });
      return storage.writer.insert(tx, drafts);
    });
    if (holdMs > 0) await timeline.sleep(holdMs);
    const placed = this.#placed(messages);
    auditor.intends(name, placed);
    if (end === "rollback") {
      tx.rollback();
      auditor.rollsBack(name);
    } else {
      tx.commit();
      for (const { key, position } of placed) {
        this.#positions.set(key, position);
      }
      auditor.commits(name, placed, end === "commit");
    }
    this.#open -= 1;
  }

  /** The places that the messages get if this transaction commits next. */
  #placed(
    messages: readonly Pick<HistoryMessage, "id" | "key">[],
  ): HistoryMessage[] {
    const more = new Map<string | null, number>();
    return messages.map(({ id, key }) => {
      const before = more.get(key) ?? this.#positions.get(key) ?? 0;
      more.set(key, before + 1);
      return { id, key, position: before + 1 };
    });
  }
}
