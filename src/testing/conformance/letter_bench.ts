/**
 * The bench on which a letter box is tried: a harness, and transactions around
 * each thing that is done.
 *
 * @module
 */

import type { Letter, NewLetter } from "../../../mod.ts";
import type { CreateLetterHarness, LetterHarness } from "./letter_harness.ts";

/** A case that is given a bench of its own. */
export interface LetterCase {
  /** The behaviour. */
  readonly name: string;
  /** Whether the case migrates by itself. */
  readonly unmigrated?: boolean;
  /** Tries it. */
  readonly run: (bench: LetterBench) => Promise<void>;
}

/** Gives a case its bench, and clears it away. */
export async function onLetterBench(
  create: CreateLetterHarness<unknown>,
  { unmigrated = false, run }: LetterCase,
): Promise<void> {
  const bench = new LetterBench(await create());
  try {
    if (!unmigrated) await bench.harness.storage.migrate();
    await run(bench);
  } finally {
    await bench.harness.close();
  }
}

/** As many as nobody has. */
const NO_LIMIT = 1_000_000;

/** A harness, and the letters of a consumer. */
export class LetterBench {
  #harness: LetterHarness<unknown>;

  /** Takes over a harness. */
  constructor(harness: LetterHarness<unknown>) {
    this.#harness = harness;
  }

  /** What is around the storage. */
  get harness(): LetterHarness<unknown> {
    return this.#harness;
  }

  /** Stores letters in a transaction. */
  put(...letters: readonly NewLetter[]): Promise<boolean[]> {
    return this.putUpTo(NO_LIMIT, ...letters);
  }

  /** Stores letters in a transaction, at most so many beside those there. */
  putUpTo(limit: number, ...letters: readonly NewLetter[]): Promise<boolean[]> {
    return this.#harness.transaction(async (tx) => {
      const answers: boolean[] = [];
      for (const letter of letters) {
        answers.push(
          await this.#harness.storage.letters.put(tx, letter, limit),
        );
      }
      return answers;
    });
  }

  /** Removes a letter in a transaction. */
  remove(number: number, consumer: string = "consumer"): Promise<boolean> {
    return this.#harness.transaction((tx) =>
      this.#harness.storage.letters.remove(tx, { consumer, number })
    );
  }

  /** Lists letters in a transaction. */
  list({ consumer = "consumer", after = 0, limit = NO_LIMIT }: {
    readonly consumer?: string;
    readonly after?: number;
    readonly limit?: number;
  } = {}): Promise<readonly Letter[]> {
    const request = { consumer, after, limit };
    return this.#harness.transaction((tx) =>
      this.#harness.storage.letters.list(tx, request)
    );
  }

  /** Does work in a transaction that is rolled back. */
  async rolledBack(work: (tx: unknown) => Promise<unknown>): Promise<void> {
    const undone = new Error("undone");
    await this.#harness.transaction(async (tx) => {
      await work(tx);
      throw undone;
    }).catch((thrown: unknown) => {
      if (thrown !== undone) throw thrown;
    });
  }

  /** As if the process was killed, and another one opened the same database. */
  async restart(): Promise<void> {
    this.#harness = await this.#harness.restart();
  }
}

/** A letter that is told apart by its payload. */
export function letterOf(
  payload: number,
  given: Partial<NewLetter> = {},
): NewLetter {
  return {
    consumer: "consumer",
    topic: "meters/m-1",
    payload: Uint8Array.of(payload),
    id: `message-${payload}`,
    source: "/producer",
    event: "meter.read",
    code: "HANDLER_FAILED",
    reason: "It failed",
    attempts: 5,
    setAsideAtMs: 1_700_000_000_000,
    ...given,
  };
}

/** What was put, of what is listed. */
export function unnumbered(letters: readonly Letter[]): NewLetter[] {
  return letters.map(({ number: _, ...letter }) => letter);
}

/** The payloads of what is listed, told apart by their first bytes. */
export function payloadsOf(letters: readonly Letter[]): number[] {
  return letters.map(({ payload }) => payload[0] ?? -1);
}
