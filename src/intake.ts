/**
 * Intake: reads messages from the store into the lanes, as memory allows.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Lane } from "./logic/lane.ts";
import { nextLookMs } from "./logic/pacing.ts";
import type { RelayStore } from "./store.ts";
import type { Tenure } from "./tenure.ts";

/** The limits of the intake. */
export interface IntakeOptions {
  readonly clock: Clock;
  readonly pollMs: number;
  readonly readBatch: number;
  readonly readAheadBytes: number;
  readonly laneDepth: number;
}

/** Reads one page at a time. */
export class Intake {
  readonly #options: IntakeOptions;
  /** When to look beyond the end next (monotonic ms), and the wait that led there. */
  #lookAtMs = -Infinity;
  #lookedAfterMs = 0;
  #lanesTurn = true;

  /** Creates an intake that looks at once. */
  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Something may have been committed: look at once, and again soon. */
  hint(): void {
    this.#lookAtMs = -Infinity;
    this.#lookedAfterMs = 0;
  }

  /** How long there is nothing to read, in ms; `Infinity` while memory is full. */
  waitMs(tenure: Tenure): number {
    const { clock, readBatch, readAheadBytes } = this.#options;
    const { lanes } = tenure;
    if (lanes.queued >= readBatch || lanes.queuedBytes >= readAheadBytes) {
      return Infinity;
    }
    if (lanes.nextBehind() !== null) return 0;
    if (tenure.isSaturated) return Infinity;
    if (!tenure.atEnd) return 0;
    return Math.max(0, this.#lookAtMs - clock.monotonicMs());
  }

  /** Reads a page if it is time to: of a lane that lags, or of all others. */
  async read(store: RelayStore, tenure: Tenure): Promise<void> {
    if (this.waitMs(tenure) > 0) return;
    const { queued } = tenure.lanes;
    const lane = tenure.lanes.nextBehind();
    const othersToo = !tenure.atEnd && !tenure.isSaturated;
    // By turns, so that many lagging lanes do not keep the others waiting.
    this.#lanesTurn = !this.#lanesTurn || !othersToo;
    if (lane !== null && this.#lanesTurn) {
      await this.#readLane(store, tenure, lane);
    } else if (lane === null || othersToo) await this.#readOn(store, tenure);
    if (tenure.lanes.queued > queued) tenure.noteRead();
  }

  async #readOn(store: RelayStore, tenure: Tenure): Promise<void> {
    const { clock, pollMs, readBatch, readAheadBytes } = this.#options;
    const { lanes } = tenure;
    const nowMs = clock.monotonicMs();
    const page = await store.read({
      after: tenure.cursor,
      exceptKeys: lanes.laggingKeys(),
      limit: readBatch,
      maxBytes: readAheadBytes,
    });
    const { horizon } = tenure.setAside;
    lanes.admit(page.messages.filter(({ seq }) => seq <= horizon));
    tenure.cursor = Math.min(page.scannedTo, horizon);
    tenure.atEnd = page.end;
    lanes.commonReadReached(tenure.cursor);
    this.#lookedAfterMs = page.messages.length > 0
      ? 1
      : nextLookMs(this.#lookedAfterMs, pollMs);
    this.#lookAtMs = nowMs + this.#lookedAfterMs;
  }

  async #readLane(
    store: RelayStore,
    tenure: Tenure,
    lane: Lane,
  ): Promise<void> {
    const { laneDepth, readAheadBytes } = this.#options;
    const { lanes, cursor } = tenure;
    const from = lane.unreadFrom ?? 0;
    const barrier = tenure.setAside.barrierOf(lane.key);
    if (from >= barrier) return lanes.hold(lane, from);
    // Common reads leave set-aside messages out, so the lane reads up to its last.
    const last = lane.key === null
      ? from
      : Math.max(cursor, tenure.setAside.lastObstacleOf(lane.key));
    if (from > cursor + 1 && from > last) return lanes.waitForCommonRead(lane);
    const upTo = Math.min(last, barrier - 1);
    const page = await store.readLane({
      key: lane.key,
      after: from - 1,
      upTo,
      // A message that was refused before is tried alone.
      limit: tenure.setAside.get(from) === undefined ? laneDepth : 1,
      maxBytes: readAheadBytes,
    });
    tenure.setAside.noteReadApart(page.messages);
    const caughtUp = page.end && (lane.key === null || upTo <= cursor) &&
      barrier > last;
    const left = caughtUp ? null : page.end ? upTo + 1 : page.scannedTo + 1;
    lanes.admitLane(lane, page.messages, left);
  }
}
