/**
 * The failure record: what is kept about a message that was refused, or is
 * suspected to kill relays, beside the message itself.
 *
 * @module
 */

/** What is kept about a message beside the message itself. */
export interface FailureRecord {
  /** The message's position. */
  readonly seq: number;
  /** The message's key. */
  readonly key: string | null;
  /** `retry`: will be sent again; `dead`: set aside until an operator acts. */
  readonly state: "retry" | "dead";
  /** Whether its lane waits for it. Always true for `retry`. */
  readonly holds: boolean;
  /** How many refusals counted since the message was enqueued or made live again. */
  readonly attempts: number;
  /** How many relays died while this message was sent alone, as far as counted. */
  readonly deaths: number;
  /**
   * While a relay sends it alone, the {@link Store.boot} of that relay's machine;
   * `null` otherwise. Found at a takeover, it testifies that the relay died.
   */
  readonly trial: string | null;
  /** Wall-clock time of the first refusal, in ms since the epoch. */
  readonly firstFailedAtMs: number;
  /** Wall-clock time of the last refusal, in ms since the epoch. */
  readonly failedAtMs: number;
  /** How long to wait after `failedAtMs`, in ms; 0 for `dead`. */
  readonly delayMs: number;
  /** The code of the last refusal. */
  readonly code: string;
  /** The reason of the last refusal, at most 256 characters. */
  readonly reason: string;
}
