/**
 * A relay on a virtual clock, with a storage and a broker in memory.
 *
 * @module
 */

import {
  createRelay,
  type NewMessage,
  type Relay,
  type RelayEvent,
  type RelayOptions,
  type StorageBase,
  type Store,
} from "@mailboat/outbox";
import {
  createMemoryStorage,
  createMemoryTransport,
  createSeededRandom,
  createVirtualClock,
  type MemoryStorage,
  type MemoryTransport,
  type MemoryTransportOptions,
  type VirtualClock,
} from "@mailboat/outbox/testing";

/** What a test may change. */
export interface RigOptions extends Partial<RelayOptions> {
  readonly broker?: Omit<MemoryTransportOptions, "clock">;
  readonly memory?: MemoryStorage;
  readonly virtual?: VirtualClock;
  readonly seed?: number;
}

/** Everything a relay test touches. */
export interface Rig {
  readonly clock: VirtualClock;
  readonly storage: MemoryStorage;
  readonly broker: MemoryTransport;
  readonly relay: Relay;
  readonly events: RelayEvent[];
  /** Commits one message per key, in order, in one transaction; returns nothing. */
  publish(...keys: (string | null)[]): void;
  /** What a subscriber saw, as `key:position`. */
  seen(): string[];
  /** Events of one type. */
  of<T extends RelayEvent["type"]>(
    type: T,
  ): Extract<RelayEvent, { type: T }>[];
}

/** Creates a rig; the relay does not run yet. */
export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const { broker: brokerOptions, memory, virtual, seed = 1, ...rest } = options;
  const clock = virtual ?? createVirtualClock();
  const storage = memory ?? createMemoryStorage();
  await storage.migrate();
  const broker = createMemoryTransport({ clock, ...brokerOptions });
  const events: RelayEvent[] = [];
  const relay = createRelay({
    storage,
    transport: broker,
    clock,
    random: createSeededRandom(seed),
    observe: (event) => events.push(event),
    ...rest,
  });
  return {
    clock,
    storage,
    broker,
    relay,
    events,
    publish: (...keys) => publish(storage, keys),
    seen: () => broker.received.map(({ message }) => label(message)),
    of: <T extends RelayEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<RelayEvent, { type: T }> =>
        event.type === type
      ),
  };
}

/** A storage whose stores are changed before anybody uses them. */
export function changedStorage(
  storage: StorageBase,
  change: (store: Store) => void,
): StorageBase {
  return {
    migrate: () => storage.migrate(),
    open: async () => {
      const store = await storage.open();
      change(store);
      return store;
    },
  };
}

/** Commits messages in one transaction. */
export function publish(
  storage: MemoryStorage,
  keys: readonly (string | null)[],
  more: Partial<NewMessage> = {},
): void {
  const tx = storage.begin();
  const { committed } = storage.snapshot();
  const counts = new Map<string | null, number>();
  const messages = keys.map((key) => {
    const before = counts.get(key) ??
      committed.filter((message) => message.key === key).length;
    counts.set(key, before + 1);
    return draft(key, before + 1, more);
  });
  void storage.writer.insert(tx, messages);
  tx.commit();
}

/** A message whose payload is its position in its key. */
export function draft(
  key: string | null,
  position: number,
  more: Partial<NewMessage> = {},
): NewMessage {
  return {
    id: `${key ?? "-"}:${position}`,
    chosenId: false,
    event: "test",
    topic: `t/${key ?? "none"}`,
    key,
    payload: new TextEncoder().encode(String(position)),
    contentType: "application/json",
    headers: {},
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: 0,
    ttlMs: null,
    counted: false,
    ...more,
  };
}

/** `key:position` of a message made by {@link draft}. */
export function label(message: { readonly id: string }): string {
  return message.id;
}

/**
 * Every way in which what was received breaks the strict promise: a first
 * delivery before its predecessor, or a redelivery after its successor.
 */
export function disorder(received: readonly string[]): string[] {
  const last = new Map<string, number>();
  const faults: string[] = [];
  for (const entry of received) {
    const at = entry.lastIndexOf(":");
    const key = entry.slice(0, at);
    const position = Number(entry.slice(at + 1));
    const previous = last.get(key) ?? 0;
    if (position !== previous && position !== previous + 1) {
      faults.push(`${key}: ${previous} then ${position}`);
    }
    last.set(key, position);
  }
  return faults;
}

/** Stops the relay of a rig, letting virtual time pass. */
export async function stop(
  rig: Rig,
  running?: Promise<unknown>,
): Promise<void> {
  const stopped = rig.relay.stop();
  await rig.clock.advance(20_000);
  await stopped;
  await running;
}

/** Refuses the messages named, with a rule for each try. */
export function refusing(
  rule: (
    entry: string,
    attempt: number,
  ) => "retry" | "dead" | "deferred" | null,
): NonNullable<MemoryTransportOptions["answer"]> {
  return (message, attempt) => {
    const kind = rule(message.id, attempt);
    const failure = { code: "TEST", reason: `refused try ${attempt}` };
    if (kind === null) return { kind: "delivered" };
    return kind === "deferred"
      ? { kind, failure, afterMs: 5_000 }
      : { kind, failure };
  };
}
