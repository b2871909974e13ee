/**
 * Transactions full of hostile drafts, and a look at what arrives.
 *
 * @module
 */

import type { Client, Transaction } from "@libsql/client";
import {
  createRelay,
  type Outbox,
  type Relay,
  type Storage,
} from "@mailboat/outbox";
import type {
  LibsqlStatement,
  LibsqlTransaction,
} from "@mailboat/outbox/libsql";
import type { SeededRandom } from "@mailboat/outbox/testing";
import { hostileValue } from "./hostile_values.ts";
import {
  type Attempt,
  type Expected,
  goodAttempt,
  hostileAttempt,
} from "./hostile_drafts.ts";
import { faultOf } from "./refusal.ts";
import type { Arrived, Wire } from "./wires.ts";

/** What a lap works on. */
export interface DraftLapOptions {
  readonly client: Client;
  readonly storage: Storage<LibsqlTransaction, LibsqlStatement>;
  readonly outbox: Outbox<LibsqlTransaction, LibsqlStatement>;
  readonly wire: Wire;
  /** Whether the payload arrives byte for byte, or as the same JSON value. */
  readonly exact: boolean;
  readonly random: SeededRandom;
}

const TRANSACTION_INPUTS = 100;
const GOOD_AFTER_REFUSAL = 0.3;
const DRAIN_BUDGET_MS = 20_000;

/** One lap; it counts what happens. */
export class DraftLap {
  accepted = 0;
  refused = 0;
  delivered = 0;
  readonly faults: string[] = [];
  readonly #options: DraftLapOptions;
  readonly #relay: Relay;

  /** Creates a lap with a relay of its own. */
  constructor(options: DraftLapOptions) {
    this.#options = options;
    const { storage, wire: { transport } } = options;
    this.#relay = createRelay({ storage, transport, sendTimeoutMs: 5_000 });
  }

  /** Runs transactions, and delivers after each. */
  async run(inputs: number): Promise<void> {
    for (let left = inputs; left > 0; left -= TRANSACTION_INPUTS) {
      const due = await this.#transaction(Math.min(left, TRANSACTION_INPUTS));
      await this.#deliver(due);
    }
    await this.#relay.stop();
  }

  /** What must arrive, by id; nothing at all once it was rolled back. */
  async #transaction(inputs: number): Promise<Map<string, Expected>> {
    const { client, random } = this.#options;
    const due = new Map<string, Expected>();
    const tx = await client.transaction("write");
    try {
      for (let input = 0; input < inputs; input++) await this.#input(tx, due);
      if (random.chance(0.9)) await tx.commit();
      else due.clear();
    } finally {
      tx.close();
    }
    return due;
  }

  async #input(tx: Transaction, due: Map<string, Expected>): Promise<void> {
    const { random } = this.#options;
    const hostile = hostileAttempt(random);
    const others = random.chance(0.2) ? [goodAttempt(random)] : [];
    try {
      if (random.chance(0.02)) await this.#enqueueNowhere(hostile);
      await this.#enqueue(tx, [...others, hostile], due);
      this.accepted++;
    } catch (thrown) {
      this.refused++;
      const fault = faultOf(thrown);
      if (fault !== null) this.faults.push(fault);
      if (random.chance(GOOD_AFTER_REFUSAL)) {
        await this.#enqueue(tx, [goodAttempt(random)], due);
      }
    }
  }

  async #enqueue(
    tx: Transaction,
    attempts: readonly Attempt[],
    due: Map<string, Expected>,
  ): Promise<void> {
    const { outbox, random } = this.#options;
    if (random.chance(0.2)) return await this.#prepare(tx, attempts, due);
    const drafts = attempts.map((attempt) => attempt.make());
    const receipts = await outbox.enqueue(tx, ...drafts);
    for (const [at, { id, stored }] of receipts.entries()) {
      if (stored) due.set(id, await expectationOf(attempts[at]!));
    }
  }

  /** Anything but a transaction is refused, whatever the draft. */
  async #enqueueNowhere(attempt: Attempt): Promise<never> {
    const { outbox, random } = this.#options;
    const enqueue = outbox.enqueue as (...args: unknown[]) => Promise<unknown>;
    await enqueue(hostileValue(random), attempt.make());
    throw new Error("Enqueued without a transaction");
  }

  async #prepare(
    tx: Transaction,
    attempts: readonly Attempt[],
    due: Map<string, Expected>,
  ): Promise<void> {
    const drafts = attempts.map((attempt) => attempt.make());
    const { ids, statements } = await this.#options.outbox.prepare(...drafts);
    for (const statement of statements) await tx.execute(statement);
    for (const [at, id] of ids.entries()) {
      // A chosen id that was there already stores nothing, and cannot say so.
      if (!due.has(id)) due.set(id, await expectationOf(attempts[at]!));
    }
  }

  async #deliver(due: ReadonlyMap<string, Expected>): Promise<void> {
    const { wire, exact } = this.#options;
    const { reason } = await this.#relay.drain({ budgetMs: DRAIN_BUDGET_MS });
    if (reason !== "empty") this.faults.push(`blocked: drain ended: ${reason}`);
    const missing = new Map(due);
    for (const one of await wire.arrived()) {
      const wanted = missing.get(one.id);
      missing.delete(one.id);
      const fault = wanted === undefined
        ? "leaked or twice"
        : differenceOf(one, wanted, exact);
      if (fault !== null) this.faults.push(`wrong: ${one.id}: ${fault}`);
      this.delivered++;
    }
    for (const [id, { topic }] of missing) {
      this.faults.push(
        `missing: ${id} to ${JSON.stringify(topic).slice(0, 80)}`,
      );
    }
  }
}

async function expectationOf(attempt: Attempt): Promise<Expected> {
  try {
    return await attempt.expected();
  } catch (cause) {
    throw new Error("Accepted what should have been refused", { cause });
  }
}

function differenceOf(
  arrived: Arrived,
  wanted: Expected,
  exact: boolean,
): string | null {
  if (arrived.topic !== wanted.topic) return "another topic";
  if (arrived.key !== wanted.key) return "another key";
  if (arrived.contentType !== wanted.contentType) return "another type";
  if (textOf(arrived.headers) !== textOf(wanted.headers)) {
    return `other headers: ${textOf(arrived.headers).slice(0, 200)}`;
  }
  if (Buffer.compare(arrived.payload, wanted.payload) === 0) return null;
  const same = !exact && valueOf(arrived.payload) === valueOf(wanted.payload);
  return same ? null : "another payload";
}

function textOf(headers: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(headers).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

function valueOf(payload: Uint8Array): string {
  return JSON.stringify(JSON.parse(new TextDecoder().decode(payload)));
}
