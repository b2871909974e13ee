import type {
  Connection,
  FailureRecord,
  Lease,
  Message,
  NewMessage,
  SettleRequest,
  Store,
  Transport,
} from "../../mod.ts";
import {
  createMemoryStorage,
  type MemoryStorage,
} from "../../src/testing/mod.ts";

/** A message with unremarkable fields, but for those given. */
export function sampleMessage(
  id: string,
  fields: Partial<NewMessage> = {},
): NewMessage {
  return {
    id,
    chosenId: false,
    event: "meter.read",
    topic: "meters/m-1",
    key: null,
    payload: new TextEncoder().encode(id),
    contentType: "application/json",
    headers: {},
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: 1_000,
    ttlMs: null,
    counted: false,
    ...fields,
  };
}

/** A failure record with unremarkable fields, but for those given. */
export function sampleFailure(
  seq: number,
  fields: Partial<FailureRecord> = {},
): FailureRecord {
  return {
    seq,
    key: null,
    state: "retry",
    holds: true,
    attempts: 1,
    deaths: 0,
    trial: null,
    firstFailedAtMs: 2_000,
    failedAtMs: 2_000,
    delayMs: 500,
    code: "REFUSED",
    reason: "The broker refused",
    ...fields,
  };
}

/** A settle that keeps the lease and records nothing, but for what is given. */
export function settleRequest(
  lease: Lease,
  fields: Partial<SettleRequest> = {},
): SettleRequest {
  return {
    lease,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: 3_000,
    ...fields,
  };
}

/** A migrated storage and a store on it. */
export async function openMemory(
  options: Parameters<typeof createMemoryStorage>[0] = {},
): Promise<{ storage: MemoryStorage; store: Store }> {
  const storage = createMemoryStorage(options);
  await storage.migrate();
  return { storage, store: await storage.open() };
}

/** Commits messages in one transaction. */
export async function commit(
  storage: MemoryStorage,
  ...messages: readonly NewMessage[]
): Promise<void> {
  const tx = storage.begin();
  await storage.writer.insert(tx, messages);
  tx.commit();
}

/** Takes the lease, whoever has it. */
export async function takeLease(
  store: Store,
  owner = "relay-1",
): Promise<Lease> {
  const { lease: { epoch, beat } } = await store.survey();
  const lease = await store.acquire({
    owner,
    leaseMs: 10_000,
    nowMs: 1_500,
    expect: { epoch, beat },
  });
  if (lease === null) {
    throw new Error("nobody else was there to take the lease");
  }
  return lease;
}

/** The sequences of what a read brings. */
export async function readAll(
  store: Store,
  exceptKeys: readonly string[] = [],
): Promise<number[]> {
  const request = { after: 0, exceptKeys, limit: 1_000, maxBytes: 1_000_000 };
  return (await store.read(request)).messages.map(({ seq }) => seq);
}

/** A message as a store returns it, with its sequence for an id. */
export function storedMessage(seq: number): Message {
  const { chosenId: _, counted: _counted, ...fields } = sampleMessage(
    `m${seq}`,
  );
  return { ...fields, seq, position: null };
}

/** Opens a connection that nobody gives up. */
export function connect(
  transport: Transport,
  identity = "outbox",
  signal: AbortSignal = new AbortController().signal,
): Promise<Connection> {
  return transport.connect({ identity, signal });
}

/** Sends messages at once; the map fills with their outcomes as they are known. */
export function sendAll(
  connection: Connection,
  ...seqs: readonly number[]
): Map<number, string> {
  const outcomes = new Map<number, string>();
  for (const seq of seqs) {
    connection.send(storedMessage(seq))
      .then(({ kind }) => outcomes.set(seq, kind));
  }
  return outcomes;
}
