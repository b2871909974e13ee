/**
 * The bench on which an inbox is tried: a harness, and consumers that note
 * what they are told.
 *
 * @module
 */

import {
  createInbox,
  type InboxEvent,
  type InboxMessage,
  type InboxOptions,
  type InboxStorage,
  systemClock,
} from "../../../mod.ts";
import { check } from "./checks.ts";
import type { CreateInboxHarness, InboxHarness } from "./inbox_harness.ts";

/** A case that is given a bench of its own. */
export interface InboxCase {
  /** The behaviour. */
  readonly name: string;
  /** Whether the case migrates by itself. */
  readonly unmigrated?: boolean;
  /** Tries it. */
  readonly run: (bench: InboxBench) => Promise<void>;
}

/** Gives a case its bench, and clears it away. */
export async function onInboxBench(
  create: CreateInboxHarness<unknown>,
  { unmigrated = false, run }: InboxCase,
): Promise<void> {
  const bench = new InboxBench(await create());
  try {
    if (!unmigrated) await bench.harness.storage.migrate();
    await run(bench);
  } finally {
    await bench.harness.close();
  }
}

/** A harness, and a wall clock that the case moves. */
export class InboxBench {
  /** What every consumer takes for the time, in ms since the epoch. */
  nowMs = 1_700_000_000_000;
  #harness: InboxHarness<unknown>;

  /** Takes over a harness. */
  constructor(harness: InboxHarness<unknown>) {
    this.#harness = harness;
  }

  /** What is around the storage. */
  get harness(): InboxHarness<unknown> {
    return this.#harness;
  }

  /** A consumer of the database. */
  consumer(options: Partial<InboxOptions> = {}): Consumer {
    const clock = { ...systemClock(), nowMs: () => this.nowMs };
    return new Consumer(() => this.#harness, { clock, ...options });
  }

  /** As if the process was killed, and another one opened the same database. */
  async restart(): Promise<void> {
    this.#harness = await this.#harness.restart();
  }
}

/** One consumer, and what it was told. */
export class Consumer {
  /** What its inbox noticed. */
  readonly events: InboxEvent[] = [];
  readonly #harness: () => InboxHarness<unknown>;
  readonly #options: Partial<InboxOptions>;

  /** Consumes whatever database there is. */
  constructor(
    harness: () => InboxHarness<unknown>,
    options: Partial<InboxOptions>,
  ) {
    this.#harness = harness;
    this.#options = options;
  }

  /** Accepts a message, through a synchronous inbox or another. */
  async accept(tx: unknown, message: InboxMessage): Promise<boolean> {
    const { storage } = this.#harness();
    const inbox = createInbox({
      consumer: "consumer",
      observe: (event) => void this.events.push(event),
      ...this.#options,
      // Of the two kinds, it is told apart where it matters: below.
      storage: storage as InboxStorage<unknown>,
    });
    const answer: unknown = inbox.accept(tx, message);
    const isSync = "lookSync" in storage.inbox;
    check(
      !isSync || typeof answer === "boolean",
      "a synchronous inbox returns its answer",
    );
    return await answer as boolean;
  }

  /** Accepts messages, each in a transaction of its own. */
  async commit(...messages: readonly InboxMessage[]): Promise<boolean[]> {
    const accepted: boolean[] = [];
    for (const message of messages) {
      accepted.push(
        await this.#harness().transaction((tx) => this.accept(tx, message)),
      );
    }
    return accepted;
  }

  /** Accepts messages in one transaction; returns those that were new. */
  commitTogether<Message extends InboxMessage>(
    messages: readonly Message[],
  ): Promise<Message[]> {
    return this.#harness().transaction(async (tx) => {
      const accepted: Message[] = [];
      for (const message of messages) {
        if (await this.accept(tx, message)) accepted.push(message);
      }
      return accepted;
    });
  }

  /** Those that would be accepted now; nothing is. */
  async unknown<Message extends InboxMessage>(
    messages: readonly Message[],
  ): Promise<Message[]> {
    const found: Message[] = [];
    for (let next = 0; next < messages.length;) {
      const undone = new Error("undone");
      await this.#harness().transaction(async (tx) => {
        // Those that are recognised add nothing that the next could meet.
        while (next < messages.length) {
          const message = messages[next++]!;
          if (!await this.accept(tx, message)) continue;
          found.push(message);
          break;
        }
        throw undone;
      }).catch((thrown: unknown) => {
        if (thrown !== undone) throw thrown;
      });
    }
    return found;
  }
}

/** A message of the key `k`, at a position, its sequence ten times that. */
export function messageAt(
  position: number,
  given: Partial<InboxMessage> = {},
): InboxMessage {
  return {
    source: "/producer",
    id: `message-${position}`,
    key: "k",
    position,
    seq: position * 10,
    ...given,
  };
}

/** Messages at the positions from the first to the last. */
export function messagesAt(first: number, last: number): InboxMessage[] {
  const count = last - first + 1;
  return Array.from({ length: count }, (_, at) => messageAt(first + at));
}
