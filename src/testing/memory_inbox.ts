/**
 * The inbox of the memory storage: what its tables hold, for every consumer.
 *
 * @module
 */

import type {
  Expiry,
  LaneProgress,
  LookRequest,
  RecordRequest,
  Sighting,
} from "../../mod.ts";

/** One accepted message. */
interface Row {
  readonly number: number;
  readonly acceptedAtMs: number;
}

/** One key that was met. */
interface Lane {
  readonly number: number;
  readonly progress: LaneProgress;
}

/** What one consumer accepted and met, oldest first, by source and id or key. */
interface Consumed {
  readonly rows: Map<string, Row>;
  readonly lanes: Map<string, Lane>;
}

/** The records of every consumer. */
export class MemoryInbox {
  readonly #consumers = new Map<string, Consumed>();

  /** A copy that shares no mutable part. */
  copy(): MemoryInbox {
    const copy = new MemoryInbox();
    for (const [consumer, { rows, lanes }] of this.#consumers) {
      copy.#consumers.set(consumer, {
        rows: new Map(rows),
        lanes: new Map(lanes),
      });
    }
    return copy;
  }

  /** How many records and keys there are of a consumer. */
  sizeOf(consumer: string): { readonly rows: number; readonly lanes: number } {
    const { rows, lanes } = this.#of(consumer);
    return { rows: rows.size, lanes: lanes.size };
  }

  /** Finds what is known of a message. */
  look({ consumer, source, id, key }: LookRequest): Sighting {
    const { rows, lanes } = this.#of(consumer);
    const lane = key === null ? undefined : lanes.get(nameOf(source, key));
    return {
      recorded: rows.has(nameOf(source, id)),
      newest: newestOf(rows),
      progress: lane?.progress ?? null,
      newestLane: newestOf(lanes),
    };
  }

  /** Writes what is asked for; tells whether the record is new. */
  record(request: RecordRequest): boolean {
    const { consumer, source, id, acceptedAtMs, lane } = request;
    const { rows, lanes } = this.#of(consumer);
    const name = nameOf(source, id);
    if (rows.has(name)) return false;
    if (request.expire !== null) expire(rows, request.expire);
    if (lane !== null) {
      const key = nameOf(source, lane.key);
      const number = lanes.get(key)?.number ?? newestOf(lanes) + 1;
      lanes.set(key, { number, progress: { ...lane.progress } });
    }
    if (request.forgetLanes !== null) {
      const { upTo, limit } = request.forgetLanes;
      for (const [key, { number }] of [...lanes].slice(0, limit)) {
        if (number <= upTo) lanes.delete(key);
      }
    }
    rows.set(name, { number: newestOf(rows) + 1, acceptedAtMs });
    return true;
  }

  #of(consumer: string): Consumed {
    const found = this.#consumers.get(consumer) ??
      { rows: new Map(), lanes: new Map() };
    this.#consumers.set(consumer, found);
    return found;
  }
}

function expire(
  rows: Map<string, Row>,
  { upTo, oldUpTo, beforeMs, limit }: Expiry,
): void {
  for (const [name, { number, acceptedAtMs }] of [...rows].slice(0, limit)) {
    const isOld = number <= oldUpTo && acceptedAtMs < beforeMs;
    if (number <= upTo || isOld) rows.delete(name);
  }
}

function nameOf(source: string, name: string): string {
  return JSON.stringify([source, name]);
}

function newestOf(all: ReadonlyMap<string, { readonly number: number }>) {
  return [...all.values()].at(-1)?.number ?? 0;
}
