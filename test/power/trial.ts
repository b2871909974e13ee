/**
 * What is put to the test, and what must be found guilty, or the rig is blind.
 *
 * @module
 */

/** A setting under which power is cut. */
export interface Trial {
  readonly name: string;
  /** The level that the application commits with. */
  readonly synchronous: "FULL" | "NORMAL";
  /** Whether the relay makes durable what it read before it sends. */
  readonly relayWaits: boolean;
  /** Whether the disk has written what it says it has; half of the time it has not. */
  readonly honestDisk: boolean;
  /** A control: it must break a promise. */
  readonly control: boolean;
}

const FULL: Trial = {
  name: "FULL",
  synchronous: "FULL",
  relayWaits: true,
  honestDisk: true,
  control: false,
};
const NORMAL: Trial = { ...FULL, name: "NORMAL", synchronous: "NORMAL" };

/** The levels that Mailboat promises something for. */
export const LEVELS: readonly Trial[] = [FULL, NORMAL];

/** The relay sends what a power cut may still undo. */
export const CARELESS_RELAY: Trial = {
  ...NORMAL,
  name: "NORMAL, and a relay that does not wait",
  relayWaits: false,
  control: true,
};

/** A sync that does nothing, now and then. */
export const LYING_DISK: Trial = {
  ...FULL,
  name: "FULL, on a disk that lies",
  honestDisk: false,
  control: true,
};
