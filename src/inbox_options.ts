/**
 * The options of an inbox.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { InputError, shorten } from "./errors.ts";
import type { ObserveInbox } from "./inbox_event.ts";
import { checkedNumber, requireMethods } from "./logic/options.ts";
import type { Retention } from "./logic/retention.ts";
import { checkedText } from "./logic/text.ts";
import { contained } from "./observe.ts";

/** Options of {@link createInbox} beside the storage. */
export interface InboxOptions {
  /**
   * Who consumes, in 1 to 255 bytes: each consumer of a database accepts every
   * message once for itself. Instances that share the work share the name.
   */
  readonly consumer: string;
  /**
   * How long an accepted message is recognised, in ms by the wall clock.
   *
   * @default {604_800_000}
   */
  readonly keepMs?: number;
  /**
   * How many of the newest accepted messages are recognised at most; up to 32
   * more may be.
   *
   * @default {1_000_000}
   */
  readonly keepRows?: number;
  /**
   * How many of the newest accepted messages are recognised whatever the wall
   * clock says; at most `keepRows`.
   *
   * @default {10_000}
   */
  readonly keepMinRows?: number;
  /**
   * For how many keys the last position is kept; the key that was met first is
   * forgotten first, and its next message is taken for its beginning.
   *
   * @default {100_000}
   */
  readonly keepLanes?: number;
  /** Receives what the inbox notices. */
  readonly observe?: ObserveInbox;
  /**
   * Stamps records.
   *
   * @default {systemClock()}
   */
  readonly clock?: Clock;
}

/** Options that were checked. */
export interface InboxSettings extends Retention {
  /** Who consumes. */
  readonly consumer: string;
  /** Receives what the inbox notices; never fails. */
  readonly observe: ObserveInbox;
  /** Stamps records. */
  readonly clock: Clock;
}

/**
 * Checks options.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function checkedSettings(
  action: string,
  options: InboxOptions,
): InboxSettings {
  const { clock = systemClock(), observe } = options;
  const required = "a clock";
  const methods = ["nowMs"];
  requireMethods({ action, option: "clock", value: clock, required, methods });
  if (observe !== undefined && typeof observe !== "function") {
    throw new InputError("INVALID_OPTION", {
      action,
      field: "observe",
      required: "a function",
      found: shorten(observe),
    });
  }
  const consumer = checkedText({
    action,
    code: "INVALID_OPTION",
    field: "consumer",
    value: options.consumer,
    maxBytes: 255,
  });
  return {
    consumer,
    clock,
    observe: contained(observe),
    ...kept(action, options),
  };
}

const WEEK_MS = 7 * 24 * 3_600_000;

function kept(action: string, options: InboxOptions): Retention {
  const checked = (
    option: "keepMs" | "keepRows" | "keepMinRows" | "keepLanes",
    standard: number,
    bounds: { readonly min: number; readonly max?: number },
  ) =>
    checkedNumber({
      action,
      option,
      value: options[option],
      default: standard,
      ...bounds,
    });
  const keepRows = checked("keepRows", 1_000_000, { min: 1 });
  return {
    keepMs: checked("keepMs", WEEK_MS, { min: 1 }),
    keepRows,
    keepMinRows: checked("keepMinRows", Math.min(10_000, keepRows), {
      min: 1,
      max: keepRows,
    }),
    keepLanes: checked("keepLanes", 100_000, { min: 1 }),
  };
}
