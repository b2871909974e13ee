/**
 * The world of one round: two writers, two relays, a database on a disk, a
 * broker behind a proxy, a consumer.
 *
 * @module
 */

import {
  createSeededRandom,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import { fileURLToPath } from "node:url";
import type { LockOrder } from "../support/children/lock_holder.ts";
import type {
  RelayOrder,
  RelayReport,
} from "../support/children/relay_orders.ts";
import type { Sabotage } from "../support/sabotaged_storage.ts";
import { Broker } from "./broker.ts";
import type { WriterOrder, WriterReport } from "./children/writer_orders.ts";
import { consume, type Consumer } from "./consumer.ts";
import { Database } from "./database.ts";
import { Disk } from "./disk.ts";
import type { Log } from "./log.ts";
import { Post } from "./post.ts";
import { Progress } from "./progress.ts";
import { Proxy } from "./proxy.ts";
import { WallClocks } from "./wall_clocks.ts";
import { CONNECTION_LOST, Wire } from "./wire.ts";

/** How long a relay may be silent: short, so that much happens. */
export const LEASE_MS = 500;

const WINDOW = 16;
const KEYS = 24;
const WRITER_PAUSE_MS = 35;
/** With more than this waiting, writers take their time: what has to drain at the end stays small. */
const BACKLOG = 1_000;
const PATIENT_PAUSE_MS = 500;

/** What a round is made with. */
export interface WorldOptions {
  /** Begins the names of its keys and transactions. */
  readonly name: string;
  readonly seed: number;
  /**
   * Whether the broker remembers over its death. Where it does not, what
   * counts as received is what it took by its own word; where it does, what
   * the consumer got.
   */
  readonly persistent: boolean;
  readonly sabotage: Sabotage | undefined;
  readonly log: Log;
}

export type WriterPost = Post<WriterOrder, WriterReport>;
export type RelayPost = Post<RelayOrder, RelayReport>;
export type LockPost = Post<LockOrder, { type: "ready" } | { type: "held" }>;

type Condemnation = Extract<RelayReport, { type: "message.dead" }>;

/** Everything that can be broken. */
export class World {
  readonly options: WorldOptions;
  readonly random: SeededRandom;
  readonly wire: Wire;
  /** A step for every transaction that is about to end. */
  readonly writing = new Progress();
  readonly disk = new Disk();
  readonly clocks = new WallClocks(["relay0", "relay1", "writer0", "writer1"]);
  database!: Database;
  broker!: Broker;
  proxy!: Proxy;
  /** Where the broker remembers. */
  consumer: Consumer | null = null;
  locks!: LockPost;
  relays: readonly RelayPost[] = [];
  writers: readonly WriterPost[] = [];
  /** Which relay took the lease last. */
  holder = 0;
  /** Whether the writers' database may not grow. */
  isFull = false;
  readonly #parts: { close(): unknown }[] = [this.clocks, this.disk];
  /** In earlier rounds. */
  readonly #committedBefore: number;
  #names = 0;

  private constructor(options: WorldOptions) {
    this.options = options;
    const { log, persistent } = options;
    this.#committedBefore = log.committed;
    this.random = createSeededRandom(options.seed);
    this.wire = new Wire({
      window: WINDOW,
      facts: log.facts.wire,
      onTaken: (message) => {
        if (!persistent) log.write({ type: "received", ...message });
      },
      onLost: (duplicates) =>
        log.write({ type: "fault", kind: CONNECTION_LOST, duplicates }),
    });
  }

  /** Starts everything, or leaves nothing behind. */
  static async start(options: WorldOptions): Promise<World> {
    const world = new World(options);
    try {
      await world.#start();
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { persistent, log } = this.options;
    this.database = this.#keep(await Database.create(this.disk.folder));
    this.broker = this.#keep(await Broker.start(persistent));
    const { port: brokerPort } = this.broker;
    const listen = () => this.wire.listen();
    const { random } = this;
    this.proxy = this.#keep(await Proxy.start({ brokerPort, random, listen }));
    if (persistent) {
      this.consumer = this.#keep(
        await consume(
          this.broker.url,
          (message) => log.write({ type: "received", ...message }),
        ),
      );
    }
    this.relays = [0, 1].map((at) => this.#keep(this.#relay(at)));
    this.writers = [0, 1].map((at) => this.#keep(this.#writer(at)));
    this.locks = this.#keep(this.#locks());
    await Promise.all(
      [...this.relays, ...this.writers].map((post) => post.man()),
    );
  }

  /** Whether the consumer has everything that the broker took. */
  get isHandedOn(): boolean {
    const { consumer } = this;
    return consumer === null ||
      [...this.wire.taken].every(([key, n]) => consumer.arrived.get(key) === n);
  }

  /** Ends everything and removes what it left; idempotent. */
  async close(): Promise<void> {
    for (const part of this.#parts.splice(0).reverse()) await part.close();
  }

  #keep<Part extends { close(): unknown }>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  #relay(at: number): RelayPost {
    const { sabotage } = this.options;
    return new Post<RelayOrder, RelayReport>({
      file: program("../support/children/relay"),
      env: this.clocks.envOf(`relay${at}`),
      order: () => ({
        path: this.database.path,
        url: this.proxy.url,
        window: WINDOW,
        relay: {
          leaseMs: LEASE_MS,
          sendTimeoutMs: LEASE_MS,
          connectTimeoutMs: 1_000,
          reconnectBaseMs: 50,
          reconnectCapMs: 500,
          pollMs: 100,
        },
        ...(sabotage && { sabotage }),
      }),
      onReport: (report) => {
        if (report.type === "lease.acquired") this.holder = at;
        if (report.type === "message.dead") this.#condemned(report);
      },
      onDesertion: (how) => this.#deserted(`relay ${at}`, how),
    });
  }

  #writer(at: number): WriterPost {
    const { name, log } = this.options;
    const keys = Array.from({ length: KEYS }, (_, key) => `${name}.k${key}`);
    return new Post<WriterOrder, WriterReport>({
      file: program("./children/writer"),
      env: this.clocks.envOf(`writer${at}`),
      order: () => ({
        path: this.database.path,
        name: `${name}.w${++this.#names}`,
        seed: this.random.integer(0, 2 ** 31),
        keys,
      }),
      onReport: (report, reply) => {
        if (report.type === "ready") return;
        if (report.type === "refused") log.refused(report.code);
        else log.write(report);
        if (report.type === "intended" || report.type === "refused") {
          const isBehind = this.#backlog > BACKLOG;
          const pauseMs = isBehind ? PATIENT_PAUSE_MS : WRITER_PAUSE_MS;
          reply({ isFull: this.isFull, pauseMs });
          this.writing.step();
        }
      },
      onDesertion: (how) => this.#deserted(`writer ${at}`, how),
    });
  }

  #locks(): LockPost {
    return new Post({
      file: program("../support/children/lock_holder"),
      env: {},
      order: () => ({ path: this.database.path, heldMs: 60_000 }),
      onReport: () => {},
      onDesertion: (how) => this.#deserted("lock holder", how),
    });
  }

  /** About how many messages wait. */
  get #backlog(): number {
    const taken = [...this.wire.taken.values()];
    const delivered = taken.reduce((sum, position) => sum + position, 0);
    return this.options.log.committed - this.#committedBefore - delivered;
  }

  #condemned({ message, failure }: Condemnation): void {
    const { log, name } = this.options;
    log.facts.condemned += 1;
    const reason = `${failure.code}: ${failure.reason}`;
    console.error(`${name}: message ${message.id} is dead: ${reason}`);
  }

  #deserted(who: string, how: string): void {
    const { log, name } = this.options;
    log.facts.deserted += 1;
    console.error(`${name}: the ${who} ended by itself: ${how}`);
  }
}

/** The file of a program, beside this one. */
function program(name: string): string {
  return fileURLToPath(new URL(`${name}.js`, import.meta.url));
}
