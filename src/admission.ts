/**
 * Admission: what one consumer asks the storage about a message, what it
 * records, and what it tells of it. The inbox carries it out.
 *
 * @module
 */

import { StorageError } from "./errors.ts";
import type { InboxEvent } from "./inbox_event.ts";
import type { CheckedMessage } from "./inbox_message.ts";
import type { InboxSettings } from "./inbox_options.ts";
import type { LookRequest, RecordRequest, Sighting } from "./inbox_storage.ts";
import { advanced, continuityOf } from "./logic/continuity.ts";
import { kindOf } from "./logic/kind.ts";
import { expiryOf, forgottenLanes } from "./logic/retention.ts";

/** The decisions of one consumer. */
export class Admission {
  readonly #settings: InboxSettings;

  /** Decides by these settings. */
  constructor(settings: InboxSettings) {
    this.#settings = settings;
  }

  /** What must be known of a message. */
  look({ source, id, key, position, seq }: CheckedMessage): LookRequest {
    const { consumer } = this.#settings;
    const isPlaced = position !== null || seq !== null;
    return { consumer, source, id, key: isPlaced ? key : null };
  }

  /** What is to be written for a message that is not recorded. */
  record(message: CheckedMessage, sighting: Sighting): RecordRequest {
    const { source, id } = message;
    const { consumer, clock } = this.#settings;
    const { key } = this.look(message);
    const nowMs = clock.nowMs();
    const next = advanced(sighting.progress, message);
    const isNew = key !== null && sighting.progress === null;
    return {
      consumer,
      source,
      id,
      acceptedAtMs: nowMs,
      lane: key === null || next === sighting.progress
        ? null
        : { key, progress: { position: next.position, seq: next.seq } },
      expire: expiryOf(this.#settings, { number: sighting.newest + 1, nowMs }),
      forgetLanes: isNew
        ? forgottenLanes(this.#settings, sighting.newestLane + 1)
        : null,
    };
  }

  /**
   * Whether the message is accepted, and told to the observer. A storage that
   * does not say what it did may have done anything: roll back.
   */
  answer(
    message: CheckedMessage,
    sighting: Sighting,
    recorded: unknown,
  ): boolean {
    if (typeof recorded !== "boolean") {
      throw new StorageError(
        "STORAGE_FAILED",
        `Cannot accept a message as the storage must tell whether it recorded it: current value is ${
          kindOf(recorded)
        }`,
      );
    }
    this.#tell(message, sighting, recorded);
    return recorded;
  }

  #tell(message: CheckedMessage, sighting: Sighting, recorded: boolean): void {
    const { consumer, observe } = this.#settings;
    const { source, id, key } = message;
    const ref = { consumer, source, id, key };
    if (!recorded) return observe({ type: "inbox.duplicate", message: ref });
    const found = continuityOf(sighting.progress, message);
    if (found.kind === "next") return;
    const { kind, ...numbers } = found;
    observe({ type: `inbox.${kind}`, message: ref, ...numbers } as InboxEvent);
  }
}
