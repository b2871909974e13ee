/**
 * The auditor: writes the history of a seed, and objects at once to what no
 * fault excuses.
 *
 * @module
 */

import type {
  Connection,
  Lease,
  Message,
  Outcome,
  RelayEvent,
  SettleRequest,
  StorageBase,
  Store,
} from "@mailboat/outbox";
import {
  type HistoryEntry,
  type HistoryMessage,
  ReferenceModel,
} from "@mailboat/outbox/testing";
import type { Operation } from "./fate.ts";
import { Inquest } from "./inquest.ts";
import { Lives } from "./lives.ts";
import type { PoisonKind } from "./poisons.ts";
import type { Observer, SimulatedProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";
import { Wire, type WireLimits } from "./wire.ts";

const MAX_VIOLATIONS = 5;

/** Watches everything between the relays, the store and the broker. */
export class Auditor implements Observer {
  readonly history: HistoryEntry[] = [];
  /** Promises broken, the first few. */
  readonly violations: string[] = [];
  /** Rare situations reached. */
  readonly situations: Set<string> = new Set();
  /** Calls to the store and the broker. */
  operations = 0;
  /** Calls that write. */
  writes = 0;
  /** Messages the broker took. */
  arrivals = 0;
  /** How old the messages are. */
  readonly lives: Lives;
  readonly #timeline: Timeline;
  readonly #limits: WireLimits;
  readonly #model = new ReferenceModel();
  readonly #wires = new WeakMap<Connection, Wire>();
  /** What was ever committed: ids by sequence, from 1. */
  readonly #ids: string[] = [""];
  /** The wire that was used last. */
  #wire: Wire | null = null;
  readonly #inquest: Inquest;
  readonly #seen = new Set<string>();
  /** Refusals of the broker, by sequence. */
  readonly #refusals = new Map<number, number>();
  readonly #heldKeys = new Map<string, string>();
  #owner: string | null = null;
  #epoch = 0;
  #boot = "";

  /** Starts with an empty history. */
  constructor(timeline: Timeline, limits: WireLimits) {
    this.#timeline = timeline;
    this.#limits = limits;
    this.lives = new Lives(timeline);
    this.#inquest = new Inquest({
      object: (violation) => this.object(violation),
      situations: this.situations,
    });
  }

  /** Notes a broken promise. */
  object(violation: string): void {
    if (this.violations.length >= MAX_VIOLATIONS) return;
    this.violations.push(
      `${Math.round(this.#timeline.nowMs())} ms: ${violation}`,
    );
  }

  /** Notes a fault and the copies that it explains at the most. */
  fault(kind: string, duplicates: number): void {
    this.history.push({ type: "fault", kind, duplicates });
  }

  /** COMMIT is about to be asked for. */
  intends(tx: string, messages: readonly HistoryMessage[]): void {
    this.history.push({ type: "intended", tx, messages });
  }

  /** The transaction is committed, though perhaps nobody heard it. */
  commits(
    tx: string,
    messages: readonly HistoryMessage[],
    heard: boolean,
  ): void {
    this.history.push(
      heard
        ? { type: "committed", tx }
        : { type: "resolved", tx, committed: true },
    );
    this.#model.commit(...messages);
    // The commit order is the order of the sequence.
    for (const { id } of messages) this.#ids.push(id);
  }

  /** The transaction is rolled back. */
  rollsBack(tx: string): void {
    this.history.push({ type: "rolledBack", tx });
  }

  /** The broker took a message. */
  receives(message: Message): void {
    const { id, key } = message;
    this.arrivals += 1;
    const position = Number(new TextDecoder().decode(message.payload));
    this.history.push({ type: "received", id, key, position });
    // Only last copies are in order otherwise, which the judge sees to.
    if (this.#limits.order === "strict" && !this.#model.receive(id)) {
      this.object(`${id} of ${key} is out of order`);
    }
    this.#inquest.receives(id);
    if (this.#seen.has(id)) this.situations.add("duplicate delivered");
    this.#seen.add(id);
    if (this.#heldKeys.size > 0 && (key === null || !this.#heldKeys.has(key))) {
      this.situations.add("blocked key with others flowing");
    }
  }

  /** The broker refused a message, for a reason that costs an attempt or not. */
  refuses({ seq, id }: Message, costs: boolean): void {
    this.history.push({ type: "refused", id });
    if (costs) this.#refusals.set(seq, (this.#refusals.get(seq) ?? 0) + 1);
  }

  /** The broker ends the connection at a message, and so refuses it. */
  endsAt(message: Message, poison: PoisonKind): void {
    this.refuses(message, poison === "explicit" || poison === "silent");
    this.#inquest.ended(message.id, poison, this.#wire);
  }

  /** An operator brings a message back. */
  retries({ id, key }: Pick<Message, "id" | "key">): void {
    this.history.push({ type: "retried", id });
    this.#inquest.retries(id);
    if (key !== null) this.#heldKeys.delete(key);
  }

  /** An operator gives a message up. */
  discards({ id, key }: Pick<Message, "id" | "key">): void {
    this.history.push({ type: "discarded", id });
    this.#model.free(id);
    if (key !== null) this.#heldKeys.delete(key);
  }

  asks(operation: Operation): void {
    this.operations += 1;
    if (operation === "acquire" || operation === "settle") this.writes += 1;
  }

  told(process: SimulatedProcess, event: RelayEvent): void {
    switch (event.type) {
      case "lease.lost":
        this.fault("lease lost", event.unrecorded);
        this.situations.add("lease lost");
        break;
      case "message.retry":
        this.situations.add("refused, and goes again");
        break;
      case "transport.unavailable":
        this.situations.add(
          event.code === "TRANSPORT_REFUSED"
            ? "broker refused connection"
            : "broker unreachable",
        );
        break;
      case "lane.rewound":
        this.fault("rewound", event.repeated);
        this.situations.add(
          event.code === "IN_DOUBT"
            ? "lane rewound in doubt"
            : "lane rewound by a refusal",
        );
        if (event.repeated > 0) {
          this.situations.add("acknowledged successor goes again");
        }
        break;
      case "transport.lost":
        this.fault(event.failure.code, event.inFlight);
        if (event.failure.code === "NO_ACKNOWLEDGEMENT") {
          this.situations.add("stall broken");
        }
        break;
      case "stopped":
        if (process.relay.status().inFlight > 0) {
          this.object("stopped with messages in flight");
        }
    }
  }

  sends(
    process: SimulatedProcess,
    connection: Connection,
    message: Message,
  ): (outcome: Outcome) => void {
    const { id } = message;
    const wire = this.#wires.get(connection) ??
      new Wire(this.#limits, process);
    this.#wires.set(connection, wire);
    this.#wire = wire;
    this.#inquest.sends(message, wire);
    if (process.clock.monotonicMs() >= process.actsUntilMs) {
      this.object(`${id} is sent after the lease has lapsed`);
    }
    const lateMs = this.lives.lateMs(id);
    if (lateMs > 0) this.object(`${id} is sent ${lateMs} ms too late`);
    if (process.isStopping) this.object(`${id} is sent after stop()`);
    for (const objection of wire.send(message)) this.object(objection);
    return ({ kind }) => {
      wire.land(message);
      this.#inquest.lands(id, kind);
      const late = process.clock.monotonicMs() >= process.actsUntilMs;
      if (late && kind === "delivered") {
        this.situations.add("acknowledgement after lease end");
      }
    };
  }

  /** The storage under everything that fails: what happens here is a fact. */
  storage(storage: StorageBase): StorageBase {
    return { ...storage, open: async () => this.#store(await storage.open()) };
  }

  #store(store: Store): Store {
    return {
      identity: store.identity,
      durability: store.durability,
      boot: store.boot,
      makeDurable: () => store.makeDurable(),
      survey: () => store.survey(),
      acquire: async (request) => {
        const lease = await store.acquire(request);
        if (lease !== null) this.#acquired(lease, store.boot);
        return lease;
      },
      failures: (request) => store.failures(request),
      read: (request) => store.read(request),
      readLane: (request) => store.readLane(request),
      settle: async (request) => {
        const settlement = await store.settle(request);
        if (settlement.inForce) this.#settled(request);
        else if (settlement.lost.length > 0) {
          this.situations.add("fenced settle refused");
        }
        return settlement;
      },
      prune: (request) => store.prune(request),
      forgetPositions: (request) => store.forgetPositions(request),
      listDead: (request) => store.listDead(request),
      listExpired: (request) => store.listExpired(request),
      retryDead: (filter) => store.retryDead(filter),
      discardDead: (filter) => store.discardDead(filter),
      close: () => store.close(),
    };
  }

  #acquired({ epoch, owner }: Lease, boot: string): void {
    if (this.#owner !== null && this.#owner !== owner) {
      this.situations.add("takeover by timeout");
      if (boot === this.#boot) this.#inquest.relayDied();
    }
    this.#boot = boot;
    if (epoch !== this.#epoch) this.#inquest.beginsAnew();
    if (epoch < this.#epoch) this.object(`epoch ${epoch} after ${this.#epoch}`);
    this.#owner = owner;
    this.#epoch = epoch;
  }

  #expires(id: string): void {
    this.history.push({ type: "expired", id, ...this.lives.of(id) });
    const isInDoubt = this.#seen.has(id);
    this.situations.add(isInDoubt ? "expired in doubt" : "expired unsent");
    this.#model.free(id);
  }

  #settled({ lease, expired, failed, then }: SettleRequest): void {
    if (lease.owner !== this.#owner || lease.epoch !== this.#epoch) {
      this.object(`a settle of epoch ${lease.epoch} passed the fence`);
    }
    if (then === "release") this.#owner = null;
    for (const seq of expired) this.#expires(this.#ids[seq] ?? `${seq}`);
    for (const record of failed) {
      const { seq, key, state, attempts, holds } = record;
      const id = this.#ids[seq] ?? `sequence ${seq}`;
      if (attempts > (this.#refusals.get(seq) ?? 0)) {
        this.object(`${id} has ${attempts} attempts that no refusal explains`);
      }
      if (state !== "dead") continue;
      this.#inquest.condemns(id, record);
      const held = holds && key !== null;
      this.history.push({ type: "dead", id, held });
      this.situations.add(held ? "poison parked, lane held" : "poison skipped");
      if (held) this.#heldKeys.set(key, id);
      else this.#model.free(id);
    }
  }
}
