/**
 * Poisons: messages at which the broker ends the connection, as a rule each
 * time they are sent, and in peace too.
 *
 * @module
 */

import type { Message, SendFailure } from "@mailboat/outbox";

/**
 * What a broker says when it ends a connection at a message: that it is to
 * blame (`explicit`), or lacks rights (`denied`); or not a word, as MQTT 3.1.1
 * does (`silent`). A false `alarm` is given once, and never again.
 */
export type PoisonKind = "explicit" | "silent" | "denied" | "alarm";

/** Decides about messages that arrive for the first time. */
export interface PoisonRules {
  poisonOf(message: Message): PoisonKind | null;
}

const FAILURES: Readonly<Record<PoisonKind, SendFailure>> = {
  explicit: {
    code: "BAD_PACKET",
    reason: "The broker cannot bear this message",
    advice: "suspect",
  },
  silent: { code: "ENDED", reason: "Not a word", advice: "silent" },
  denied: {
    code: "NO_RIGHTS",
    reason: "Not authorized",
    advice: "suspect",
    onceProven: "defer",
  },
  alarm: {
    code: "BAD_PACKET",
    reason: "The broker errs",
    advice: "suspect",
  },
};

/** Why a connection ends at a poison. */
export function endingAt(kind: PoisonKind): SendFailure {
  return FAILURES[kind];
}

/** Who is poison; decided when a message first arrives, and for good. */
export class Poisons {
  readonly #kinds = new Map<string, PoisonKind | null>();

  /** What a message that arrives is; in peace nobody turns to poison, and all have rights. */
  arrives(message: Message, rules: PoisonRules | null): PoisonKind | null {
    const { id } = message;
    const known = this.#kinds.get(id);
    const kind = known === undefined ? rules?.poisonOf(message) ?? null : known;
    if (known === undefined) this.#kinds.set(id, kind);
    else if (known === "alarm") return null;
    return kind === "denied" && rules === null ? null : kind;
  }

  /** Whether nothing can ever deliver a message. */
  isPoison(id: string): boolean {
    return this.isOfKind(id, "explicit") || this.isOfKind(id, "silent");
  }

  /** Whether any message is of this kind. */
  isAny(kind: PoisonKind): boolean {
    return [...this.#kinds.values()].includes(kind);
  }

  /** Whether a message is a poison of this kind. */
  isOfKind(id: string, kind: PoisonKind): boolean {
    return this.#kinds.get(id) === kind;
  }
}
