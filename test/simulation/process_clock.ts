/**
 * The clock of one process: its monotonic time may be fast or slow, its wall
 * clock wrong and moved about; its timers stop with it.
 *
 * @module
 */

import type { Clock } from "@mailboat/outbox";
import type { Timeline } from "./timeline.ts";

/** A view of the timeline from one process. */
export class ProcessClock implements Clock {
  readonly #timeline: Timeline;
  readonly #rate: number;
  readonly #whenRunning: (go: () => void) => void;
  readonly #timers: Set<() => void> = new Set();
  #wallOffsetMs: number;

  /** `whenRunning` calls back when the process runs: now, later or never. */
  constructor(
    options: {
      readonly timeline: Timeline;
      readonly rate: number;
      readonly wallMs: number;
    },
    whenRunning: (go: () => void) => void,
  ) {
    this.#timeline = options.timeline;
    this.#rate = options.rate;
    this.#wallOffsetMs = options.wallMs;
    this.#whenRunning = whenRunning;
  }

  nowMs(): number {
    return this.#wallOffsetMs + Math.floor(this.#timeline.nowMs());
  }

  monotonicMs(): number {
    return this.#timeline.nowMs() * this.#rate;
  }

  /** Moves the wall clock, forward or back. */
  jumpWall(deltaMs: number): void {
    this.#wallOffsetMs += deltaMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const timeline = this.#timeline;
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        callOff();
        this.#timers.delete(callOff);
        signal?.removeEventListener("abort", end);
        this.#whenRunning(resolve);
      };
      const atMs = timeline.nowMs() + Math.max(0, ms) / this.#rate;
      const callOff = timeline.at(atMs, end);
      this.#timers.add(callOff);
      signal?.addEventListener("abort", end);
    });
  }

  turn(): Promise<void> {
    return this.sleep(0);
  }

  /** Calls every timer off: the process is dead. */
  stop(): void {
    for (const callOff of this.#timers) callOff();
    this.#timers.clear();
  }
}
