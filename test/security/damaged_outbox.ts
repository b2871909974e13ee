/**
 * An outbox in a damaged file: what an operator and a relay make of it.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import {
  createDeadLetters,
  createOutbox,
  createRelay,
  type DeadLetter,
  defineEvent,
  type RelayEvent,
  systemClock,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { readFileSync } from "node:fs";
import { anything } from "../support/schemas.ts";
import type { Damage } from "./damage.ts";
import { faultOf, SLIP } from "./refusal.ts";

/** A sound outbox as bytes, and the messages that wait in it. */
export interface Template {
  readonly bytes: Uint8Array;
  readonly waiting: readonly number[];
}

/** What became of one damage. */
export interface Verdict {
  /** `intact`: nobody noticed; `set aside`: a message; `error`: typed errors. */
  readonly kind: "intact" | "set aside" | "error";
  /** Messages that nobody told about, though all seemed well. */
  readonly missing: number;
  readonly faults: readonly string[];
}

/** How many messages wait in the template. */
export const WAITING = 12;

const schema = anything();

/** Makes an outbox with an archive, dead letters and messages that wait. */
export async function createTemplate(path: string): Promise<Template> {
  const storage = libsqlStorage(path);
  await storage.migrate();
  const client = createClient({ url: `file:${path}` });
  const outbox = createOutbox({ storage });
  const event = defineEvent("e", {
    schema,
    topic: "t",
    key: (n: unknown) => Number(n) % 4 === 0 ? null : `k${Number(n) % 4}`,
    headers: { h: "x" },
    onDead: "skip",
  });
  const commit = async (...numbers: number[]) => {
    const tx = await client.transaction("write");
    await outbox.enqueue(tx, ...numbers.map((n) => event(n)));
    await tx.commit();
  };
  await commit(1, 2, 3, 4, 5, 6);
  const failure = { code: "REFUSED", reason: "It was refused" };
  const transport = createMemoryTransport({
    clock: systemClock(),
    answer: ({ seq }) =>
      seq % 2 === 0 ? { kind: "dead", failure } : { kind: "delivered" },
  });
  const relay = createRelay({ storage, transport, keepDeliveredMs: 3_600_000 });
  await relay.drain();
  await commit(...Array.from({ length: WAITING }, (_, at) => at));
  const { rows } = await client.execute(
    "SELECT seq FROM mailboat_message WHERE done = 0 ORDER BY seq",
  );
  await client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  client.close();
  return {
    // No Buffer: a slice of one is no copy.
    bytes: new Uint8Array(readFileSync(path)),
    waiting: rows.map(({ seq }) => Number(seq)),
  };
}

/** Damages a copy of the template, and lets everybody at it. */
export async function judge(
  path: string,
  template: Template,
  damage: Damage,
): Promise<Verdict> {
  await damage.apply(path, template.bytes);
  const look = new Look(path);
  await look.attempt(() => look.storage.migrate());
  await look.attempt(() => look.list());
  await look.drain();
  await look.attempt(() => look.list());
  return look.verdict(template, damage);
}

const DRAIN_MS = 60;
/** Far more than it takes, as others want the processor as well. */
const DRAINS = 200;

/** Everything that was seen of one file. */
class Look {
  readonly storage: ReturnType<typeof libsqlStorage>;
  readonly #faults: string[] = [];
  readonly #delivered = new Set<number>();
  #errors = 0;
  #setAside = 0;
  #dead: readonly DeadLetter[] = [];

  constructor(path: string) {
    this.storage = libsqlStorage(path);
  }

  /** Runs a step, whose failure must be typed. */
  async attempt(step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (thrown) {
      this.#errors++;
      const fault = faultOf(thrown);
      if (fault !== null) this.#faults.push(fault);
    }
  }

  async list(): Promise<void> {
    await using letters = createDeadLetters({ storage: this.storage });
    this.#dead = await letters.list();
  }

  /** Drains for as long as something moves. */
  async drain(): Promise<void> {
    const transport = createMemoryTransport({ clock: systemClock() });
    const observe = (event: RelayEvent) => this.#observe(event);
    const relay = createRelay({ storage: this.storage, transport, observe });
    for (let round = 0; round < DRAINS; round++) {
      let reason: string = "error";
      await this.attempt(async () => {
        ({ reason } = await relay.drain({ budgetMs: DRAIN_MS }));
      });
      if (reason !== "budget") {
        if (reason !== "empty") this.#errors++;
        break;
      }
    }
    await this.attempt(() => relay.stop({ graceMs: 0 }));
  }

  #observe(event: RelayEvent): void {
    if (event.type === "message.delivered") {
      this.#delivered.add(event.message.seq);
    }
    if (event.type === "message.dead") this.#setAside++;
    if (event.type !== "store.failed" || event.code === "STORAGE_BUSY") return;
    this.#errors++;
    if (SLIP.test(event.reason)) {
      this.#faults.push(`a slip: ${event.reason}`);
    }
  }

  verdict({ waiting }: Template, { target }: Damage): Verdict {
    const faults = this.#faults;
    const dead = new Set(this.#dead.map(({ message }) => message.seq));
    const held = new Map<string | null, number>();
    for (const { message, failure } of this.#dead) {
      if (failure.holds) held.set(message.key, message.seq);
    }
    const missing = this.#errors > 0
      ? []
      : waiting.filter((seq) => !dead.has(seq) && !this.#delivered.has(seq));
    const isRow = target === "message";
    if (isRow && this.#errors > 0) faults.push("one row stopped the others");
    if (target !== "file" && missing.length > 0 && held.size === 0) {
      faults.push(`skipped in silence: ${missing}`);
    }
    const kind = this.#errors > 0
      ? "error"
      : this.#setAside > 0
      ? "set aside"
      : "intact";
    return { kind, missing: missing.length, faults };
  }
}
