/**
 * The faults: what is done to a world, how often, and for how long.
 *
 * Several streams run beside each other, each with dice of its own, so that
 * faults meet. Kills land by progress: after so many packets on the wire, or
 * transactions about to end, and up to 3 ms.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import {
  createSeededRandom,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import type { Weather } from "./channel.ts";
import { LEASE_MS, type World } from "./world.ts";

/** One thing to do to a world. */
interface Fault {
  /** How often it is drawn, beside others. */
  readonly weight: number;
  readonly inject: (dice: SeededRandom) => Promise<void>;
}

/** Faults of which one happens after the other. */
interface Stream {
  /** The time between two of them. */
  readonly pauseMs: readonly [low: number, high: number];
  readonly faults: readonly Fault[];
}

const clock = systemClock();

/** How long a fault waits for progress at the most. */
const PATIENCE_MS = 2_000;

/** Breaks things until the signal is aborted; then every fault under way ends. */
export async function breakThings(
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const faults = new Faults(world);
  await Promise.all(
    faults.streams().map(async ({ pauseMs, faults }) => {
      const dice = createSeededRandom(world.random.integer(0, 2 ** 31));
      const cards = faults.flatMap((fault) =>
        Array.from({ length: fault.weight }, () => fault)
      );
      for (;;) {
        await clock.sleep(dice.integer(...pauseMs), signal);
        if (signal.aborted || cards.length === 0) return;
        await dice.pick(cards).inject(dice);
      }
    }),
  );
}

class Faults {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  streams(): readonly Stream[] {
    const { disk, clocks } = this.#world;
    return [
      {
        pauseMs: [200, 700],
        faults: [
          { weight: 8, inject: (dice) => this.#killRelay(dice) },
          { weight: 2, inject: (dice) => this.#killBothRelays(dice) },
          { weight: 2, inject: (dice) => this.#killStartingRelay(dice) },
          { weight: 3, inject: (dice) => this.#pauseRelay(dice) },
        ],
      },
      {
        pauseMs: [500, 1_500],
        faults: [
          { weight: 8, inject: (dice) => this.#killWriter(dice) },
          { weight: 1, inject: (dice) => this.#killStartingWriter(dice) },
          { weight: 1, inject: (dice) => this.#pauseWriter(dice) },
        ],
      },
      { pauseMs: [400, 1_500], faults: this.#onTheWire() },
      {
        pauseMs: [6_000, 14_000],
        faults: [{ weight: 1, inject: (dice) => this.#killBroker(dice) }],
      },
      {
        pauseMs: [3_000, 8_000],
        faults: [
          { weight: 1, inject: (dice) => this.#holdLock(dice) },
          {
            weight: 1,
            inject: (dice) =>
              disk.isOwn ? this.#fillDisk(dice) : this.#limitPages(dice),
          },
        ],
      },
      {
        pauseMs: [1_000, 4_000],
        faults: clocks.canJump
          ? [{ weight: 1, inject: (dice) => this.#moveClock(dice) }]
          : [],
      },
    ];
  }

  #note(kind: string): void {
    this.#world.options.log.injected(kind);
  }

  /** Which relay to hit: mostly the one that works. */
  #target(dice: SeededRandom): number {
    return dice.chance(0.8) ? this.#world.holder : dice.integer(0, 1);
  }

  async #killRelay(dice: SeededRandom): Promise<void> {
    const { wire, relays } = this.#world;
    await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
    await clock.sleep(dice.integer(0, 3));
    const relay = relays[this.#target(dice)]!;
    this.#note("relay killed");
    await relay.kill();
    await relay.man();
  }

  async #killBothRelays(dice: SeededRandom): Promise<void> {
    const { wire, relays } = this.#world;
    await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
    await clock.sleep(dice.integer(0, 3));
    for (const _ of relays) this.#note("relay killed");
    await Promise.all(relays.map((relay) => relay.kill()));
    await Promise.all(relays.map((relay) => relay.man()));
  }

  async #killStartingRelay(dice: SeededRandom): Promise<void> {
    const relay = this.#world.relays[this.#target(dice)]!;
    this.#note("relay killed");
    await relay.kill();
    await relay.man();
    await clock.sleep(dice.integer(0, 120));
    this.#note("relay killed while it starts");
    await relay.kill();
    await relay.man();
  }

  async #pauseRelay(dice: SeededRandom): Promise<void> {
    const { wire, relays } = this.#world;
    await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
    const relay = relays[this.#target(dice)]!;
    this.#note("relay paused beyond its lease");
    await relay.pause(() => clock.sleep(LEASE_MS * dice.integer(12, 50) / 10));
  }

  async #killWriter(dice: SeededRandom): Promise<void> {
    const { writing, writers } = this.#world;
    const writer = dice.pick(writers);
    await writing.after(dice.integer(1, 30), PATIENCE_MS);
    await clock.sleep(dice.integer(0, 3));
    this.#note("writer killed");
    await writer.kill();
    await writer.man();
  }

  async #killStartingWriter(dice: SeededRandom): Promise<void> {
    const writer = dice.pick(this.#world.writers);
    this.#note("writer killed");
    await writer.kill();
    await writer.man();
    await clock.sleep(dice.integer(0, 60));
    this.#note("writer killed while it starts");
    await writer.kill();
    await writer.man();
  }

  /** Likely in a transaction, with the write lock in its hand. */
  async #pauseWriter(dice: SeededRandom): Promise<void> {
    const { writing, writers } = this.#world;
    await writing.after(dice.integer(1, 30), PATIENCE_MS);
    this.#note("writer paused");
    await dice.pick(writers).pause(() => clock.sleep(dice.integer(200, 1_500)));
  }

  #onTheWire(): readonly Fault[] {
    const { proxy, wire } = this.#world;
    const at = (kind: string, hit: () => void): Fault => ({
      weight: 1,
      inject: async (dice) => {
        await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
        this.#note(kind);
        hit();
      },
    });
    const during = (kind: string, weather: Weather): Fault => ({
      weight: 1,
      inject: async (dice) => {
        await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
        this.#note(kind);
        proxy.weather = weather;
        await clock.sleep(dice.integer(100, 1_500));
        proxy.weather = "clear";
      },
    });
    return [
      at("connection cut", () => proxy.cut()),
      at("connection cut within a packet", () => proxy.tear()),
      at("acknowledgements dropped", () => proxy.deafen()),
      at("connection half open", () => proxy.halfOpen()),
      during("network stalled", "stalled"),
      during("network slow", "slow"),
      during("bytes split anywhere", "crumbling"),
    ];
  }

  async #killBroker(dice: SeededRandom): Promise<void> {
    const { wire, broker, options, proxy } = this.#world;
    if (options.persistent) {
      if (!(await this.#isWrittenDown())) return;
    } else await wire.progress.after(dice.integer(1, 80), PATIENCE_MS);
    await clock.sleep(dice.integer(0, 3));
    this.#note(
      options.persistent
        ? "broker killed, what it took written down"
        : "broker killed",
    );
    await broker.kill();
    proxy.isHeld = false;
    await clock.sleep(dice.integer(0, 1_500));
    await broker.revive();
  }

  /**
   * Keeps everything from the broker until it has written down and handed on
   * what it took: what it forgets of that is no fault of a relay.
   */
  async #isWrittenDown(): Promise<boolean> {
    const { proxy, wire, consumer } = this.#world;
    proxy.isHeld = true;
    const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
    await clock.sleep(BROKER_WRITES_WITHIN_MS);
    const isHandedOn = () =>
      [...wire.taken].every(([key, n]) => consumer?.arrived.get(key) === n);
    while (!isHandedOn() && clock.monotonicMs() < deadlineMs) {
      await clock.sleep(BROKER_WRITES_WITHIN_MS);
    }
    if (!isHandedOn()) proxy.isHeld = false;
    return isHandedOn();
  }

  async #holdLock(dice: SeededRandom): Promise<void> {
    const { locks } = this.#world;
    this.#note("write lock held");
    await locks.man();
    await clock.sleep(dice.integer(200, 2_000));
    await locks.kill();
  }

  async #fillDisk(dice: SeededRandom): Promise<void> {
    const { disk } = this.#world;
    this.#note("disk full");
    disk.fill();
    await clock.sleep(dice.integer(200, 1_500));
    disk.relieve();
  }

  async #limitPages(dice: SeededRandom): Promise<void> {
    this.#note("database full (max_page_count)");
    this.#world.isFull = true;
    await clock.sleep(dice.integer(200, 1_500));
    this.#world.isFull = false;
  }

  async #moveClock(dice: SeededRandom): Promise<void> {
    const who = `${dice.pick(["relay", "writer"])}${dice.integer(0, 1)}`;
    this.#note("wall clock moved");
    this.#world.clocks.jump(who, dice.pick(JUMPS_SECONDS));
    await Promise.resolve();
  }
}

const BROKER_WRITES_WITHIN_MS = 250;

const DAY_SECONDS = 86_400;

/** From a second to half a century, to either side, and back to the right time. */
const JUMPS_SECONDS: readonly number[] = [
  0,
  1,
  -1,
  3_600,
  -3_600,
  14 * DAY_SECONDS,
  -14 * DAY_SECONDS,
  50 * 365 * DAY_SECONDS,
  -50 * 365 * DAY_SECONDS,
];
