/**
 * A relay on libSQL, whose calls never really wait, leaves the event loop to
 * others: timers and sockets get a turn between any two passes.
 */

import {
  type Connection,
  createRelay,
  type Outcome,
  type RelayOptions,
  type StorageBase,
  StorageError,
  type Store,
  type Transport,
  TransportError,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { fill } from "../support/seeding.ts";

/** A pass makes five calls at the most: those that take the lease. */
const CALLS_PER_TURN = 5;
const BURST = 64;
const FAILURE = { code: "TEST", reason: "As the test says" };

/** A way through the relay's loop. */
interface Path {
  readonly name: string;
  /** How many messages wait; one of each key in turn. */
  readonly messages: number;
  readonly keys: number;
  readonly answer?: (n: number) => Outcome;
  readonly connect?: (n: number) => void;
  readonly settle?: (n: number) => void;
  readonly relay?: Partial<RelayOptions>;
  /** Whether the relay has done what it was to do. */
  readonly isDone: (seen: Seen) => boolean;
}

/** What was counted. */
interface Seen {
  delivered: number;
  answered: number;
  connects: number;
  settles: number;
  idle: boolean;
}

const paths: readonly Path[] = [
  {
    name: "a backlog of 20,000",
    messages: 20_000,
    keys: 1_000,
    isDone: ({ delivered }) => delivered === 20_000,
  },
  {
    name: "one key",
    messages: 300,
    keys: 1,
    isDone: ({ delivered }) => delivered === 300,
  },
  {
    name: "lanes deeper than memory",
    messages: 5_000,
    keys: 10,
    relay: { laneDepth: 4, readBatch: 16 },
    isDone: ({ delivered }) => delivered === 5_000,
  },
  {
    name: "keys that are all held",
    messages: 10_000,
    keys: 1_000,
    answer: () => ({ kind: "dead", failure: FAILURE }),
    isDone: ({ answered, idle }) => answered === 1_000 && idle,
  },
  {
    name: "messages that are all skipped",
    messages: 5_000,
    keys: 500,
    answer: () => ({ kind: "dead", failure: FAILURE }),
    relay: { onDead: "skip", maxSetAside: 10_000 },
    isDone: ({ answered, idle }) => answered === 5_000 && idle,
  },
  {
    name: "refusals that are retried at once",
    messages: 50,
    keys: 50,
    answer: (n) =>
      n > 500 ? { kind: "delivered" } : { kind: "retry", failure: FAILURE },
    relay: { retry: () => ({ kind: "retry", afterMs: 0 }) },
    isDone: ({ delivered }) => delivered === 50,
  },
  {
    name: "deferrals that are over at once",
    messages: 50,
    keys: 50,
    answer: (n) =>
      n > 500
        ? { kind: "delivered" }
        : { kind: "deferred", failure: FAILURE, afterMs: 0 },
    isDone: ({ delivered }) => delivered === 50,
  },
  {
    name: "connections that are refused at once",
    messages: 10,
    keys: 10,
    connect: (n) => {
      if (n <= 200) throw new TransportError("TRANSPORT_UNAVAILABLE", "Closed");
    },
    relay: { reconnectBaseMs: 1, reconnectCapMs: 1 },
    isDone: ({ delivered }) => delivered === 10,
  },
  {
    name: "connections that send nothing",
    messages: 10,
    keys: 10,
    answer: (n) => ({ kind: n > 200 ? "delivered" : "unavailable" }),
    relay: { reconnectBaseMs: 1, reconnectCapMs: 1 },
    isDone: ({ delivered }) => delivered === 10,
  },
  {
    name: "a database that is locked",
    messages: 10,
    keys: 10,
    settle: (n) => {
      if (n <= 8) throw new StorageError("STORAGE_BUSY", "Locked");
    },
    isDone: ({ delivered, settles, idle }) =>
      delivered === 10 && settles > 8 && idle,
  },
];

test.for(paths)("the event loop turns between passes: $name", async (path) => {
  const database = await createBusinessDatabase();
  await fill(database, path);
  const seen: Seen = {
    delivered: 0,
    answered: 0,
    connects: 0,
    settles: 0,
    idle: false,
  };
  const turns = new Turns();
  const relay = createRelay({
    ...path.relay,
    burst: BURST,
    storage: watched(libsqlStorage(database.path), (name) => {
      turns.note("calls");
      if (name === "settle") path.settle?.(++seen.settles);
    }),
    transport: instant((n) => {
      path.connect?.(n);
      seen.connects = n;
    }, (n) => {
      turns.note("sends");
      seen.answered = n;
      const outcome = path.answer?.(n) ?? { kind: "delivered" };
      if (outcome.kind === "delivered") seen.delivered += 1;
      return outcome;
    }),
  });
  turns.start();
  const running = relay.run();
  while (!path.isDone(seen)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    turns.ticks += 1;
    seen.idle = relay.status().state === "idle";
  }
  await relay.stop();
  await running;
  turns.stop();
  expect(turns.most.calls).toBeLessThanOrEqual(CALLS_PER_TURN);
  expect(turns.most.sends).toBeLessThanOrEqual(BURST);
  expect(turns.ticks, "timers went off").toBeGreaterThan(5);
});

/** Counts what happens between two turns of the event loop. */
class Turns {
  readonly most = { calls: 0, sends: 0 };
  ticks = 0;
  #now = { calls: 0, sends: 0 };
  #isOver = false;

  start(): void {
    this.#now = { calls: 0, sends: 0 };
    if (!this.#isOver) setImmediate(() => this.start());
  }

  note(what: "calls" | "sends"): void {
    this.#now[what] += 1;
    this.most[what] = Math.max(this.most[what], this.#now[what]);
  }

  stop(): void {
    this.#isOver = true;
  }
}

/** Tells of every call of a store before it is made. */
function watched(
  storage: StorageBase,
  onCall: (name: keyof Store) => void,
): StorageBase {
  return {
    migrate: () => storage.migrate(),
    async open() {
      return new Proxy(await storage.open(), {
        get(store, name: keyof Store) {
          const member = store[name];
          if (typeof member !== "function") return member;
          return async (...given: never) => {
            onCall(name);
            return await Reflect.apply(member, store, given);
          };
        },
      });
    },
  };
}

/** A broker that answers before the event loop turns. */
function instant(
  onConnect: (n: number) => void,
  answer: (n: number) => Outcome,
): Transport {
  let connects = 0;
  let sends = 0;
  const connection: Connection = {
    window: BURST,
    closed: new Promise(() => {}),
    send: () => Promise.resolve(answer(++sends)),
    close: () => Promise.resolve(),
  };
  return {
    name: "instant",
    connect: () =>
      Promise.resolve().then(() => {
        onConnect(++connects);
        return connection;
      }),
  };
}
