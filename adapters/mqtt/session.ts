/**
 * The session that a broker keeps for a subscriber: what it says of it at each
 * connection (MQTT 5 §3.2.2, 3.1.1 §3.2.2.2).
 *
 * @module
 */

import type { IConnackPacket } from "mqtt";
import type { ConnectionWarning } from "../../mod.ts";

/** What is known of the session, from one connection to the next. */
export class Session {
  readonly #seconds: number;
  #isThere = false;
  #isLost = false;

  /** Knows of no session yet; the broker is asked to keep it for `seconds`. */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** The broker has answered; returns what people should know. */
  met(
    { sessionPresent, properties }: IConnackPacket,
  ): readonly ConnectionWarning[] {
    this.#isLost ||= this.#isThere && !sessionPresent;
    this.#isThere = sessionPresent;
    const kept = properties?.sessionExpiryInterval ?? this.#seconds;
    return [
      ...(this.#isLost
        ? [{
          code: "SESSION_LOST",
          reason: "The broker has forgotten the session: what was published " +
            "since, and what was not acknowledged, is missing",
        }]
        : []),
      ...(kept < this.#seconds
        ? [{
          code: "SESSION_SHORTENED",
          reason: `The broker keeps the session for ${kept} s, ` +
            `and not for ${this.#seconds} s`,
        }]
        : []),
    ];
  }

  /** The broker has taken the subscriptions: the session begins, its loss is told. */
  begun(): void {
    this.#isThere = true;
    this.#isLost = false;
  }
}
