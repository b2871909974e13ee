/**
 * Isolation: finds the message that makes the broker end connections.
 *
 * All that were under way when a connection ended are suspects, and go alone
 * until the culprit is known: whoever was alone on its connection when that
 * ended is accused. Where the broker says that a message is to blame, two
 * accusations prove it. Where connections end without a word, a bad network
 * looks the same. Then it takes more: the same end a third time, many others
 * that came through, and no end that turned out to be the network's.
 *
 * @module
 */

import type { SendFailure } from "../transport.ts";
import { SilentEnds } from "./silent_ends.ts";

/** What a message has coming before it may be sent. */
export type Sentence =
  /** It is proven to be the cause, and dead. */
  | { readonly kind: "dead"; readonly failure: SendFailure }
  /** It is proven to be the cause, and not to blame: it goes again. */
  | {
    readonly kind: "deferred";
    readonly failure: SendFailure;
    readonly afterMs: number;
  }
  /** Others go first. Nothing is proven, so that nothing is recorded. */
  | { readonly kind: "waits"; readonly afterMs: number };

interface Suspicion {
  /** Ends of a connection that it was alone on, all of one kind; -1 if the next one is to count for nothing. */
  accusations: number;
  /** How often accusations turned out to be void. */
  acquittals: number;
  /** Whether the broker itself said so. */
  isExplicit: boolean;
  /** What had happened when it came under suspicion. */
  suspectedAt: Tally;
  /** What had happened at the first accusation. */
  accusedAt: Tally;
  /** Deliveries of others when it was last asked about. */
  askedAt: number;
  failure: SendFailure;
  sentence: Sentence | null;
}

/** What has happened so far. */
interface Tally {
  /** Messages that came through. */
  readonly delivered: number;
  /** Connections that ended without a word. */
  readonly ends: number;
}

/** Proofs that it takes where the broker gives a reason. */
const EXPLICIT_PROOFS = 2;
/** Proofs that it takes where it does not. */
const SILENT_PROOFS = 3;
/** Others that have to come through meanwhile, where it does not. */
const WITNESSES = 48;
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
  readonly #ends: SilentEnds = new SilentEnds();
  #now: Tally = { delivered: 0, ends: 0 };

  /** Creates an isolation without suspects; `slowMs` is the longest wait. */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  /** Whether a message must go alone. */
  isSuspect(seq: number): boolean {
    return this.#suspects.has(seq);
  }

  /** Whether a message has something coming, and is not to be sent. */
  isSentenced(seq: number): boolean {
    return (this.#suspects.get(seq)?.sentence ?? null) !== null;
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
    if (suspicion === undefined) return null;
    const sentence = suspicion.sentence ?? this.#adjourned(suspicion);
    suspicion.sentence = null;
    suspicion.askedAt = this.#now.delivered;
    if (sentence?.kind === "dead") {
      this.#suspects.delete(seq);
      this.#ends.explain(seq);
    }
    return sentence;
  }

  /** A connection ended with these messages under way. */
  ended(failure: SendFailure, underway: readonly number[]): void {
    if (failure.advice === "suspect") this.#blamed(failure, underway);
    else if (failure.advice === "silent") this.#silenced(failure, underway);
  }

  /** The broker answered for a message: it is harmless. Only if it took it, the link is known to work. */
  answered(seq: number, isDelivered: boolean): void {
    this.#suspects.delete(seq);
    if (!isDelivered) return this.#ends.refused(seq);
    const { delivered, ends } = this.#now;
    this.#now = { delivered: delivered + 1, ends };
    if (this.#ends.cameThrough(seq)) this.#acquitSilent();
  }

  /** A message goes without an answer: whether it was a culprit, nobody will know. */
  forget(seq: number): void {
    this.#suspects.delete(seq);
    this.#ends.explain(seq);
  }

  /**
   * Nobody is on its way any more, and the lease is gone. What was learnt stays
   * true; but an operator may have brought back whoever was to be set aside.
   */
  abandon(): void {
    this.#alone = null;
    for (const suspicion of this.#suspects.values()) {
      if (suspicion.sentence?.kind === "dead") suspicion.sentence = null;
    }
  }

  #blamed(failure: SendFailure, underway: readonly number[]): void {
    const [first] = underway;
    if (first !== undefined && underway.length === 1) {
      return this.#accuse(first, failure, true);
    }
    for (const seq of underway) this.#suspect(seq, failure);
  }

  #silenced(failure: SendFailure, underway: readonly number[]): void {
    if (underway.length === 0) return;
    const again = underway.filter((seq) => this.#ends.has(seq));
    const { delivered, ends } = this.#now;
    this.#now = { delivered, ends: ends + 1 };
    this.#ends.add(underway);
    const [first] = underway;
    if (
      first !== undefined && underway.length === 1 && this.#suspects.has(first)
    ) return this.#accuse(first, failure, false);
    for (const seq of again) this.#suspect(seq, failure);
  }

  #suspect(seq: number, failure: SendFailure): Suspicion {
    const suspicion = this.#suspects.get(seq) ?? {
      accusations: 0,
      acquittals: 0,
      isExplicit: false,
      suspectedAt: this.#now,
      accusedAt: this.#now,
      askedAt: this.#now.delivered,
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
    if (suspicion.isExplicit !== isExplicit) suspicion.accusations = 0;
    suspicion.accusations += 1;
    if (suspicion.accusations === 1) suspicion.accusedAt = this.#now;
    suspicion.isExplicit = isExplicit;
    suspicion.failure = failure;
    suspicion.askedAt = this.#now.delivered;
    suspicion.sentence = this.#judge(suspicion);
  }

  #judge(suspicion: Suspicion): Sentence | null {
    const { accusations, acquittals, isExplicit, failure } = suspicion;
    if (isExplicit && accusations < EXPLICIT_PROOFS) return null;
    const isProven = isExplicit ||
      (accusations >= SILENT_PROOFS && this.#isWitnessed(suspicion));
    if (!isProven) {
      // Close to each other, so that three fit between two failures of the network.
      const doublings = accusations > 0 ? accusations - 1 : acquittals;
      const afterMs = Math.min(this.#slowMs, WAIT_MS * 2 ** doublings);
      return { kind: "waits", afterMs };
    }
    if (failure.onceProven === "defer") {
      return { kind: "deferred", failure, afterMs: this.#slowMs };
    }
    return { kind: "dead", failure: evidence(failure, accusations) };
  }

  /** Whether others tell that the network is well. */
  #isWitnessed({ suspectedAt, accusedAt, accusations }: Suspicion): boolean {
    const { delivered, ends } = this.#now;
    if (delivered - suspectedAt.delivered < WITNESSES) return false;
    // A broker that lets nobody through any more ends the others' as well.
    const ownEnds = accusations - 1;
    return delivered > accusedAt.delivered ||
      ends - accusedAt.ends === ownEnds;
  }

  /** Whoever could not be proven guilty yet waits on as long as witnesses keep coming. */
  #adjourned(suspicion: Suspicion): Sentence | null {
    const { accusations, isExplicit, askedAt } = suspicion;
    if (isExplicit || accusations <= 0) return null;
    const isProgress = this.#now.delivered > askedAt;
    if (!isProgress || this.#isWitnessed(suspicion)) return null;
    return { kind: "waits", afterMs: WAIT_MS };
  }

  /** An end was the network's: so may be those that somebody is accused of. */
  #acquitSilent(): void {
    for (const suspicion of this.#suspects.values()) {
      if (suspicion.isExplicit) continue;
      // A culprit costs everybody a connection each time: it starts over later and later.
      if (suspicion.accusations > 0) {
        suspicion.acquittals += 1;
        suspicion.accusations = -1;
      }
      suspicion.suspectedAt = this.#now;
      if (suspicion.sentence?.kind === "dead") suspicion.sentence = null;
    }
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
