/**
 * Fate: what happens to one operation of a process on the world outside it.
 *
 * @module
 */

/** Everything a relay asks of the world and waits for. */
export type Operation =
  | "open"
  | "survey"
  | "acquire"
  | "failures"
  | "read"
  | "readLane"
  | "makeDurable"
  | "settle"
  | "prune"
  | "forgetPositions"
  | "connect"
  | "send";

/**
 * How an operation fails: before its effect or after it, which leaves the
 * caller in doubt; because the database is busy; because its disk is full.
 */
export type Fault = "before" | "after" | "busy" | "full";

/** What hits the process: SIGKILL, or SIGSTOP until somebody resumes it. */
export type Blow = "kill" | "pause";

/** What happens to one operation; nothing unless said. */
export interface Fate {
  readonly fault?: Fault;
  /** The process is hit in the middle of it, before the effect or after it. */
  readonly blow?: { readonly kind: Blow; readonly at: "before" | "after" };
  /** How long it takes until its effect, and from there to its answer, in ms. */
  readonly beforeMs?: number;
  readonly afterMs?: number;
}

/** Decides the fate of an operation. */
export type FateOf = (operation: Operation) => Fate | null;
