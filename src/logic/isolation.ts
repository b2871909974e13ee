/**
 * Isolation: finds the message that makes the broker end connections.
 *
 * All that were under way when a connection ended are suspects. They go alone
 * until the culprit is known: whoever was alone on its connection when that
 * ended is accused. Where the broker says that a message is to blame, two
 * accusations prove it. Where connections just end, outages look the same: it
 * then takes three, and others must have come through in between.
 *
 * @module
 */

import type { SendFailure } from "../transport.ts";

/** What a message has coming before it may be sent. */
export type Sentence =
  /** It is proven to be the cause, and dead. */
  | { readonly kind: "dead"; readonly failure: SendFailure }
  /** It waits, so that others go first. */
  | {
    readonly kind: "deferred";
    readonly failure: SendFailure;
    readonly afterMs: number;
  };

interface Suspicion {
  /** Ends of a connection that it was alone on. */
  accusations: number;
  /** Whether the broker itself said so, at the last of them. */
  isExplicit: boolean;
  /** Others that came through since the first accusation. */
  witnesses: number;
  failure: SendFailure;
  sentence: Sentence | null;
}

/** Proofs that it takes where the broker gives a reason. */
const EXPLICIT_PROOFS = 2;
/** Proofs that it takes where it does not. */
const SILENT_PROOFS = 3;
/** The greatest window there is (MQTT 5 §3.2.2.3.3). */
const MAX_SUSPECTS = 65_535;
/** The first wait of an accused message, so that others go first. */
const WAIT_MS = 1_000;

/** Who is under suspicion, by sequence. */
export class Isolation {
  readonly #slowMs: number;
  readonly #suspects: Map<number, Suspicion> = new Map();
  /** The suspect that is on its way, or `null`. */
  #alone: number | null = null;
  /** What was under way at a silent end, and is unanswered since. */
  readonly #silent: Set<number> = new Set();

  /** Creates an isolation without suspects; `slowMs` is the longest wait. */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  /** Whether a message must go alone. */
  isSuspect(seq: number): boolean {
    return this.#suspects.has(seq);
  }

  /** Whether a suspect is on its way: nothing else is sent meanwhile. */
  get isOn(): boolean {
    return this.#alone !== null;
  }

  /** A message is being sent. */
  sent(seq: number): void {
    if (this.#suspects.has(seq)) this.#alone = seq;
  }

  /** A message has an outcome, if only that nobody knows. */
  landed(seq: number): void {
    if (seq === this.#alone) this.#alone = null;
  }

  /** What a message has coming, once. */
  sentenceOn(seq: number): Sentence | null {
    const suspicion = this.#suspects.get(seq);
    if (suspicion === undefined || suspicion.sentence === null) return null;
    const { sentence } = suspicion;
    suspicion.sentence = null;
    if (sentence.kind === "dead") this.#suspects.delete(seq);
    return sentence;
  }

  /** A connection ended with these messages under way. */
  ended(failure: SendFailure, underway: readonly number[]): void {
    if (failure.advice === "suspect") this.#blamed(failure, underway);
    else if (failure.advice === "silent") this.#silenced(failure, underway);
  }

  /** The broker answered for a message: it is harmless, and the link works. */
  answered(seq: number): void {
    this.forget(seq);
    for (const suspicion of this.#suspects.values()) suspicion.witnesses += 1;
  }

  /** A message goes without being sent. */
  forget(seq: number): void {
    this.#suspects.delete(seq);
    this.#silent.delete(seq);
  }

  /** Forgets everybody. */
  clear(): void {
    this.#suspects.clear();
    this.#alone = null;
    this.#silent.clear();
  }

  #blamed(failure: SendFailure, underway: readonly number[]): void {
    const [first] = underway;
    if (first !== undefined && underway.length === 1) {
      return this.#accuse(first, failure, true);
    }
    for (const seq of underway) this.#suspect(seq, failure);
  }

  #silenced(failure: SendFailure, underway: readonly number[]): void {
    const [first] = underway;
    if (
      first !== undefined && underway.length === 1 && this.#suspects.has(first)
    ) return this.#accuse(first, failure, false);
    for (const seq of underway) {
      if (this.#silent.delete(seq)) this.#suspect(seq, failure);
      else this.#silent.add(seq);
    }
  }

  #suspect(seq: number, failure: SendFailure): Suspicion {
    const suspicion = this.#suspects.get(seq) ?? {
      accusations: 0,
      isExplicit: false,
      witnesses: 0,
      failure,
      sentence: null,
    };
    this.#suspects.set(seq, suspicion);
    // Whoever expired or was discarded is never answered for.
    for (const oldest of this.#suspects.keys()) {
      if (this.#suspects.size <= MAX_SUSPECTS) break;
      this.#suspects.delete(oldest);
    }
    return suspicion;
  }

  #accuse(seq: number, failure: SendFailure, isExplicit: boolean): void {
    const suspicion = this.#suspect(seq, failure);
    suspicion.accusations += 1;
    if (suspicion.accusations === 1) suspicion.witnesses = 0;
    suspicion.isExplicit = isExplicit;
    suspicion.failure = failure;
    suspicion.sentence = this.#judge(suspicion);
  }

  #judge(suspicion: Suspicion): Sentence | null {
    const { accusations, isExplicit, witnesses, failure } = suspicion;
    if (isExplicit && accusations < EXPLICIT_PROOFS) return null;
    const isProven = isExplicit ||
      (accusations >= SILENT_PROOFS && witnesses > 0);
    if (!isProven) {
      const afterMs = Math.min(this.#slowMs, WAIT_MS * 2 ** (accusations - 1));
      return { kind: "deferred", failure, afterMs };
    }
    if (failure.onceProven === "defer") {
      return { kind: "deferred", failure, afterMs: this.#slowMs };
    }
    return { kind: "dead", failure: evidence(failure, accusations) };
  }
}

/** Says what speaks against it. */
function evidence(
  { code, reason }: SendFailure,
  accusations: number,
): SendFailure {
  const times = `${accusations} times the broker ended the connection while`;
  const words = `${times} this message alone was on its way: ${reason}`;
  return { code, reason: words.slice(0, 256) };
}
