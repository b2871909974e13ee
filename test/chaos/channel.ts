/**
 * A channel: the bytes of one direction of a connection, on their way.
 *
 * Whatever the weather does to them, they arrive in the order in which they
 * came, or not at all.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Socket } from "node:net";

/**
 * `clear`: at once. `stalled`: not at all. `slow`: a little at a time.
 * `crumbling`: in pieces of a few bytes, cut anywhere.
 */
export type Weather = "clear" | "stalled" | "slow" | "crumbling";

/** What a channel needs. */
export interface ChannelOptions {
  readonly to: Socket;
  readonly random: SeededRandom;
  /** The weather now. */
  readonly weather: () => Weather;
  /** Told of bytes just before they are passed on. */
  readonly onPassing: (bytes: Uint8Array) => void;
}

/** One direction. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #waiting: Uint8Array[] = [];
  /** Set while the next piece has to wait for its time. */
  #timer: NodeJS.Timeout | null = null;
  #isEnding = false;
  #isTorn = false;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Takes bytes to pass on. */
  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.flow();
  }

  /** Goes on as the weather permits. */
  flow(): void {
    const { to, weather } = this.#options;
    while (this.#timer === null && this.#waiting.length > 0 && !to.destroyed) {
      const piece = this.#pieceOf(weather());
      if (piece === null) return;
      this.#pass(piece.bytes);
      if (piece.pauseMs === null) continue;
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.flow();
      }, piece.pauseMs);
    }
    if (this.#isEnding && this.#waiting.length === 0) to.end();
  }

  /** Ends the other side once everything has been passed on. */
  end(): void {
    this.#isEnding = true;
    this.flow();
  }

  /** Passes on a part of what comes next, then breaks off. */
  tear(): void {
    this.#isTorn = true;
  }

  /** How much to pass on, and how long to wait afterwards. */
  #pieceOf(
    weather: Weather,
  ): { readonly bytes: number; readonly pauseMs: number | null } | null {
    const { random } = this.#options;
    switch (weather) {
      case "clear":
        return { bytes: Infinity, pauseMs: null };
      case "stalled":
        return null;
      case "slow":
        return {
          bytes: random.integer(64, 512),
          pauseMs: random.integer(5, 20),
        };
      case "crumbling":
        return { bytes: random.integer(1, 40), pauseMs: 1 };
    }
  }

  #pass(limit: number): void {
    const { to, random, onPassing } = this.#options;
    const next = this.#waiting.shift()!;
    if (this.#isTorn) {
      const part = next.subarray(0, random.integer(0, next.length - 1));
      onPassing(part);
      to.write(part, () => to.destroy());
      this.#waiting.length = 0;
      return;
    }
    const bytes = next.subarray(0, limit);
    if (bytes.length < next.length) {
      this.#waiting.unshift(next.subarray(bytes.length));
    }
    onPassing(bytes);
    to.write(bytes);
  }
}
