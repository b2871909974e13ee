/**
 * The inquest: whether those that were condemned had it coming, because relays
 * died of them or connections ended at them, and what it took to find them.
 *
 * @module
 */

import type { FailureRecord, Message, Outcome } from "@mailboat/outbox";
import type { PoisonKind } from "./poisons.ts";
import type { Wire } from "./wire.ts";

/** Where an inquest tells what it found. */
export interface InquestOptions {
  readonly object: (violation: string) => void;
  readonly situations: Set<string>;
}

/** What the isolation says of a message that is the cause. */
const EVIDENCE = "this message alone";
/** Ends of a connection that it takes at the most to find one culprit. */
const MAX_ENDS = 5;

/** Follows every suspect. */
export class Inquest {
  readonly #options: InquestOptions;
  /** What was ever sent, by sequence. */
  readonly #sent = new Set<number>();
  /** Takeovers from a relay that did not give its lease back, on a machine that did not boot since. */
  #deaths = 0;
  readonly #poisons = new Map<string, PoisonKind>();
  /** Connections that ended at a message, since a relay or an operator began anew. */
  readonly #ends = new Map<string, number>();
  /** Who was on a wire that ended at a message with a reason, and was not answered for since. */
  readonly #suspects = new Map<string, Wire>();

  /** Nobody has done anything yet. */
  constructor(options: InquestOptions) {
    this.#options = options;
  }

  /** A relay died at work. */
  relayDied(): void {
    this.#deaths += 1;
  }

  /** A relay takes over, and knows nothing of what the last one saw. */
  beginsAnew(): void {
    this.#ends.clear();
  }

  /** A message is being sent: alone, if it or what is on its way is under suspicion. */
  sends({ id, seq }: Pick<Message, "id" | "seq">, wire: Wire): void {
    this.#sent.add(seq);
    if (wire.ids.size === 0) return;
    const [suspect] = [id, ...wire.ids].filter((one) => {
      const earlier = this.#suspects.get(one);
      return earlier?.owner === wire.owner && earlier !== wire;
    });
    if (suspect === undefined) return;
    this.#options.object(`${suspect} is a suspect, and not alone on its way`);
  }

  /** A message that was sent has an outcome. */
  lands(id: string, kind: Outcome["kind"]): void {
    if (kind !== "unknown" && kind !== "unavailable") this.#suspects.delete(id);
  }

  /** The broker took a message. */
  receives(id: string): void {
    if (this.#suspects.has(id)) {
      this.#options.situations.add("suspect cleared");
    }
  }

  /** An operator brought it back, who may know better. */
  retries(id: string): void {
    this.#suspects.delete(id);
    this.#ends.delete(id);
  }

  /** A connection ended at a message, with others on it. */
  ended(id: string, kind: PoisonKind, wire: Wire | null): void {
    this.#poisons.set(id, kind);
    if (kind !== "silent" && wire !== null) {
      for (const suspect of wire.ids) this.#suspects.set(suspect, wire);
    }
    const ends = (this.#ends.get(id) ?? 0) + 1;
    this.#ends.set(id, ends);
    if (kind !== "explicit" || ends <= MAX_ENDS) return;
    this.#options.object(`${id} ended ${ends} connections of one relay`);
  }

  /** A message is dead. */
  condemns(id: string, record: FailureRecord): void {
    const { situations, object } = this.#options;
    const { seq, code, reason, deaths } = record;
    if (code === "RELAY_DIED") return this.#diedOf(id, { seq, deaths });
    if (!reason.includes(EVIDENCE)) return;
    const kind = this.#poisons.get(id);
    situations.add(`poison condemned (${kind ?? "innocent"})`);
    if (kind !== "explicit" && kind !== "silent") {
      object(`${id} is condemned (${code}), and is ${kind ?? "innocent"}`);
    }
  }

  #diedOf(id: string, given: Pick<FailureRecord, "seq" | "deaths">): void {
    const { situations, object } = this.#options;
    const { seq, deaths } = given;
    situations.add(
      this.#sent.has(seq)
        ? "relays died of a message"
        : "relays died before they sent a message",
    );
    if (deaths <= this.#deaths) return;
    object(`${id} is blamed for ${deaths} of ${this.#deaths} deaths`);
  }
}
