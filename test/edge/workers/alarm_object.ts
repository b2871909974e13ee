/**
 * A Durable Object that drains its outbox whenever its alarm goes off, as long
 * as there are messages.
 *
 * @module
 */

import {
  createOutbox,
  createRelay,
  defineEvent,
  type Relay,
} from "@mailboat/outbox";
import {
  type DurableObjectOutboxStorage,
  durableObjectStorage,
  type DurableObjectStorageLike,
  type TransactionOf,
} from "@mailboat/outbox/durable-object";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { anything } from "../../support/schemas.ts";

interface ObjectStorage extends DurableObjectStorageLike {
  getAlarm(): Promise<number | null>;
  setAlarm(atMs: number): Promise<void>;
}

interface Env {
  readonly BROKER: string;
  readonly METER: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

const counted = defineEvent("counted", {
  schema: anything<{ readonly key: string; readonly n: number }>(),
  topic: ({ key }) => `counts/${key}`,
  key: ({ key }) => key,
});

/** The object. */
export class Meter {
  readonly #database: ObjectStorage;
  readonly #storage: DurableObjectOutboxStorage<TransactionOf<ObjectStorage>>;
  readonly #relay: Relay;

  /** The platform makes it. */
  constructor({ storage }: { readonly storage: ObjectStorage }, env: Env) {
    this.#database = storage;
    this.#storage = durableObjectStorage(storage);
    this.#relay = createRelay({
      storage: this.#storage,
      transport: mqttTransport(env.BROKER),
      leaseMs: 1_000,
    });
  }

  /** Stores messages with their rows, and tells how many rows there are. */
  async fetch(request: Request): Promise<Response> {
    const count = Number(new URL(request.url).searchParams.get("count"));
    await this.#storage.migrate();
    await this.#wakeAt(Date.now());
    const outbox = createOutbox({ storage: this.#storage });
    this.#storage.transaction((tx) => {
      tx.sql.exec("CREATE TABLE IF NOT EXISTS counter (n INTEGER)");
      const [last] = tx.sql.exec("SELECT count(*) AS n FROM counter").toArray();
      const { n } = last as { readonly n: number };
      for (let at = n; at < n + count; at++) {
        tx.sql.exec("INSERT INTO counter VALUES (?)", at);
        outbox.enqueue(tx, counted({ key: `${at % 4}`, n: at }));
      }
    });
    return new Response();
  }

  /** Drains for a while, and goes on later if anything is left. */
  async alarm(): Promise<void> {
    await this.#relay.drain({ budgetMs: 1_500 });
    const store = await this.#storage.open();
    const { oldest } = await store.survey();
    await store.close();
    if (oldest !== null) await this.#wakeAt(Date.now() + 100);
  }

  /** Before the transaction: an alarm too many finds nothing, one too few wakes nobody. */
  async #wakeAt(atMs: number): Promise<void> {
    if (await this.#database.getAlarm() !== null) return;
    await this.#database.setAlarm(atMs);
  }
}

export default {
  /** Hands each request to the one object. */
  fetch(request: Request, { METER }: Env): Promise<Response> {
    return METER.get(METER.idFromName("meter")).fetch(request);
  },
};
