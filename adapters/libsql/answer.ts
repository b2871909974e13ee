/**
 * Answers of a server, waited for, but not forever: a connection that died
 * without a word never answers.
 *
 * @module
 */

import {
  checkedNumber,
  type Clock,
  StorageError,
  systemClock,
} from "../../mod.ts";

/** How answers are waited for. */
export interface AnswerOptions {
  /**
   * How long the server may take to answer a request, in ms; then it has
   * failed, and what it did is unknown. A server lets a writer wait for
   * another one's transaction for about 5 s.
   *
   * @default {15_000}
   */
  readonly answerTimeoutMs?: number;
}

/** Makes a request, and waits for its answer. */
export type Answered = <T>(request: () => Promise<T>) => Promise<T>;

/**
 * How long, and by which clock, answers are waited for.
 *
 * @throws {InputError} `INVALID_OPTION` for an option that is out of range.
 */
export function answering(
  action: string,
  options: AnswerOptions,
  clock: Clock = systemClock(),
): Answered {
  const timeoutMs = checkedNumber({
    action,
    option: "answerTimeoutMs",
    value: options.answerTimeoutMs,
    default: 15_000,
    min: 1,
    max: 600_000,
  });
  return async (request) => {
    const timer = new AbortController();
    const late = clock.sleep(timeoutMs, timer.signal).then(() => {
      throw new StorageError(
        "STORAGE_FAILED",
        `Cannot use the database as its server must answer within ${timeoutMs} ms: ` +
          "current value is no answer",
      );
    });
    // Ended by the answer, it is heard by nobody.
    late.catch(() => {});
    try {
      return await Promise.race([request(), late]);
    } finally {
      timer.abort();
    }
  };
}
