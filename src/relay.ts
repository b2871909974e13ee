/**
 * The relay: moves messages from the store to the broker.
 *
 * @module
 */

import type { Counters } from "./aftermath.ts";
import { MailboatError } from "./errors.ts";
import type { LinkState } from "./link.ts";
import { Ages } from "./logic/age.ts";
import { checkedNumber, checkedSignal, readOptions } from "./logic/options.ts";
import {
  type RelayOptions,
  type ResolvedRelayOptions,
  resolveRelayOptions,
} from "./relay_options.ts";
import type { RelayStatus } from "./relay_status.ts";
import { Shift } from "./shift.ts";

/** Why {@link Relay.drain} came back. */
export interface DrainReport {
  /**
   * `empty`: nothing is due; `budget`: time is up; `standby`: another relay
   * works; `unavailable`: the broker or the database cannot be used; `stopped`.
   */
  readonly reason: "empty" | "budget" | "standby" | "unavailable" | "stopped";
  /** Messages the broker took during this drain. */
  readonly delivered: number;
}

/** Moves messages from the store to the broker, one run at a time. */
export interface Relay extends AsyncDisposable {
  /**
   * Works until stopped or aborted; resolves when all is given back.
   *
   * @throws {MailboatError} `RELAY_RUNNING` while a run or drain is under way.
   * @throws {StorageError} when only people can help: `STORAGE_NOT_MIGRATED`,
   * `STORAGE_NEWER`, `STORAGE_NOT_WAL`, `STORAGE_READ_ONLY`,
   * `STORAGE_NETWORK_FILE`; so is `DEPENDENCY_MISSING`. All else is waited out.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Works until nothing is due or `budgetMs` is over; leaves no timer behind.
   *
   * @throws {MailboatError} as {@link run}.
   */
  drain(options?: {
    /** @default 10_000 */
    readonly budgetMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<DrainReport>;
  /**
   * Sends nothing more, waits up to `graceMs` for acknowledgements and gives
   * the lease back. Idempotent; a second call with less grace ends it sooner.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  /** A hint: something may have been committed. */
  wake(): void;
  /**
   * The network is back: a relay that waits before it connects again does so at
   * once, whatever it waits for. For the hooks of an operating system, a modem
   * or a person; `network` in the options calls it by itself.
   */
  online(): void;
  /** What the relay knows about itself. */
  status(): RelayStatus;
}

/**
 * Creates a relay. It does nothing before `run` or `drain`.
 *
 * @throws {InputError} `INVALID_OPTION` naming the option, its value and its bound.
 * @example
 * ```ts
 * await using relay = createRelay({ storage, transport });
 * await relay.run({ signal });
 * ```
 */
export function createRelay(options: RelayOptions): Relay {
  return new OutboxRelay(resolveRelayOptions(options));
}

const IDLE_LINK: LinkState = { kind: "offline" };
const HELD_SHOWN = 100;
/** Outages in a row after which a drain gives up; ends that a message may have caused are none. */
const DRAIN_OUTAGES = 3;
/** The part of a drain's budget that is kept for acknowledgements. */
const DRAIN_RESERVE = 0.2;

class OutboxRelay implements Relay {
  readonly #options: ResolvedRelayOptions;
  readonly #counters: Counters = {
    delivered: 0,
    unheard: 0,
    retried: 0,
    dead: 0,
    expired: 0,
  };
  readonly #ages: Ages = new Ages();
  #shift: Shift | null = null;
  #finished: Promise<void> = Promise.resolve();
  /** When to stop waiting for acknowledgements (monotonic ms); finite once stopping. */
  #endsAtMs = Infinity;

  constructor(options: ResolvedRelayOptions) {
    this.#options = options;
  }

  async run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const action = "run the relay";
    const signal = readOptions(
      { action, options },
      (given) => checkedSignal(action, given.signal),
    );
    await this.#during(false, signal, () => false, Infinity);
  }

  async drain(
    options: { readonly budgetMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<DrainReport> {
    const { clock } = this.#options;
    const action = "drain";
    const { budgetMs, signal } = readOptions({ action, options }, (given) => ({
      budgetMs: checkedNumber({
        action,
        option: "budgetMs",
        value: given.budgetMs,
        default: 10_000,
        min: 1,
      }),
      signal: checkedSignal(action, given.signal),
    }));
    const before = this.#counters.delivered;
    const endsAtMs = clock.monotonicMs() + budgetMs;
    const sendsUntilMs = endsAtMs - budgetMs * DRAIN_RESERVE;
    let reason: DrainReport["reason"] = "stopped";
    await this.#during(true, signal, (shift) => {
      const why = drained(shift, clock.monotonicMs() >= sendsUntilMs);
      if (why === null) return false;
      reason = why;
      this.#endsAtMs = Math.min(this.#endsAtMs, endsAtMs);
      return true;
    }, sendsUntilMs);
    return { reason, delivered: this.#counters.delivered - before };
  }

  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    const action = "stop the relay";
    const graceMs = readOptions({ action, options }, (given) =>
      checkedNumber({
        action,
        option: "graceMs",
        value: given.graceMs,
        default: this.#options.graceMs,
        min: 0,
      }));
    this.#stopWithin(graceMs);
    await this.#finished;
  }

  wake(): void {
    this.#shift?.hint();
  }

  online(): void {
    this.#shift?.link.online();
  }

  status(): RelayStatus {
    const shift = this.#shift;
    const survey = shift?.survey ?? null;
    const tenure = shift?.tenure ?? null;
    const oldest = survey?.oldest ?? null;
    return {
      state: this.#state(),
      epoch: tenure?.lease.epoch ?? null,
      order: this.#options.order,
      link: shift?.link.state ?? IDLE_LINK,
      storeTrouble: shift?.access.trouble ?? null,
      durability: shift?.access.durability ?? null,
      inFlight: shift?.inFlight ?? 0,
      unsettled: tenure?.unsettled ?? 0,
      queued: tenure?.lanes.queued ?? 0,
      waitingLanes: tenure?.lanes.blockedCount ?? 0,
      saturated: tenure?.isSaturated ?? false,
      held: tenure?.setAside.heldLanes(HELD_SHOWN) ?? { count: 0, heads: [] },
      oldest,
      backlogAtMost: survey === null || oldest === null
        ? 0
        : survey.newestSeq - oldest.seq + 1,
      expired: survey?.expired ?? 0,
      counters: { ...this.#counters },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #state(): RelayStatus["state"] {
    if (this.#shift === null) return "stopped";
    if (this.#endsAtMs < Infinity) return "stopping";
    if (this.#shift.isIdle) return "idle";
    return this.#shift.tenure === null ? "standby" : "working";
  }

  #stopWithin(graceMs: number): void {
    if (this.#shift === null) return;
    const endsAtMs = this.#options.clock.monotonicMs() + graceMs;
    this.#endsAtMs = Math.min(this.#endsAtMs, endsAtMs);
    this.#shift.halt();
  }

  /**
   * Runs one shift, from opening the store to giving everything back. `isOver`
   * is asked after every pass, and at `dueAtMs` (monotonic) at the latest.
   */
  async #during(
    brief: boolean,
    signal: AbortSignal | undefined,
    isOver: (shift: Shift) => boolean,
    dueAtMs: number,
  ): Promise<void> {
    if (this.#shift !== null) {
      throw new MailboatError(
        "RELAY_RUNNING",
        "Cannot run the relay as it is running already",
      );
    }
    const shift = new Shift(
      this.#options,
      this.#counters,
      this.#ages,
      brief,
    );
    this.#shift = shift;
    this.#endsAtMs = Infinity;
    const onAbort = () => this.#stopWithin(this.#options.graceMs);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    const work = this.#work(shift, isOver, dueAtMs);
    this.#finished = work.catch(() => {});
    try {
      await work;
    } finally {
      this.#shift = null;
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #work(
    shift: Shift,
    isOver: (shift: Shift) => boolean,
    dueAtMs: number,
  ): Promise<void> {
    const { clock, storage, network, graceMs } = this.#options;
    const unwatch: (() => void)[] = [];
    const watch = (end: (() => void) | undefined) =>
      void (end && unwatch.push(end));
    try {
      await shift.access.begin();
      watch(storage.watch?.(() => shift.hint()));
      watch(network?.watch(() => shift.link.online()));
      while (this.#endsAtMs === Infinity || !shift.isSettled) {
        if (clock.monotonicMs() >= this.#endsAtMs) break;
        const sending = this.#endsAtMs === Infinity;
        const waitMs = await shift.pass(sending);
        // A macrotask, so that a store that never really waits starves nobody.
        await clock.turn();
        if (sending && isOver(shift)) this.#stopWithin(graceMs);
        const endMs = sending
          ? Math.min(dueAtMs, this.#endsAtMs)
          : this.#endsAtMs;
        const untilEndMs = endMs - clock.monotonicMs();
        // Whole milliseconds, as timers have: a shorter wait would be no wait.
        const restMs = Math.ceil(Math.min(waitMs, untilEndMs));
        if (restMs > 0) await shift.alarm.wait(restMs);
      }
    } finally {
      for (const end of unwatch) end();
      const nowMs = clock.monotonicMs();
      await shift.end(Math.min(this.#endsAtMs, nowMs + graceMs));
    }
  }
}

/** Why a drain is over, or `null`. */
function drained(
  shift: Shift,
  timeIsUp: boolean,
): DrainReport["reason"] | null {
  if (shift.isIdle && shift.isSettled) return "empty";
  const { state } = shift.link;
  const away = state.kind === "waiting";
  if (away && state.outages >= DRAIN_OUTAGES) return "unavailable";
  if (!timeIsUp) return null;
  if (shift.access.trouble !== null) return "unavailable";
  if (shift.tenure === null) return "standby";
  return away ? "unavailable" : "budget";
}
