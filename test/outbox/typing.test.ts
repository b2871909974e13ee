import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import type { DeadLetters } from "../../src/dead_letters.ts";
import type { Draft } from "../../src/draft.ts";
import { defineEvent } from "../../src/event.ts";
import {
  createOutbox,
  type Outbox,
  type Prepared,
  type Receipt,
  type SyncOutbox,
} from "../../src/outbox.ts";
import type { Storage } from "../../src/storage.ts";
import {
  recordingStorage,
  recordingSyncStorage,
  type Statement,
  type Tx,
  tx,
} from "./recording_storage.ts";

const schema = v.object({
  meter: v.string(),
  kwh: v.pipe(v.string(), v.transform(Number)),
  site: v.optional(v.string(), "home"),
});
const meterRead = defineEvent("meter.read", {
  schema,
  topic: (event) => {
    expectTypeOf(event).toEqualTypeOf<
      { meter: string; kwh: number; site: string }
    >();
    return event.site;
  },
  key: ({ meter }) => meter,
});
type Reading = { meter: string; kwh: string; site?: string | undefined };

/** Compiled, and never called: what is wrong here must not compile. */
export function mistakes(
  outbox: Outbox<Tx, Statement>,
  syncOutbox: SyncOutbox<Tx>,
  deadLetters: DeadLetters,
): void {
  // @ts-expect-error the schema's output is not its input
  meterRead({ meter: "m-1", kwh: 4.2 });
  // @ts-expect-error a field is missing
  meterRead({ meter: "m-1" });
  // @ts-expect-error a field too many
  meterRead({ meter: "m-1", kwh: "4.2", kw: 1 });
  // @ts-expect-error an option that does not exist
  meterRead({ meter: "m-1", kwh: "4.2" }, { key: "m-1" });

  // @ts-expect-error a schema is required
  defineEvent("a", { topic: "a" });
  // @ts-expect-error a topic is required
  defineEvent("a", { schema });
  // @ts-expect-error a field that the output does not have
  defineEvent("a", { schema, topic: (event) => event.metre });
  // @ts-expect-error a key is a string or null
  defineEvent("a", { schema, topic: "a", key: (event) => event.kwh });
  // @ts-expect-error an option that does not exist
  defineEvent("a", { schema, topic: "a", retained: true });
  // @ts-expect-error QoS 0 has no acknowledgement to wait for
  defineEvent("a", { schema, topic: "a", qos: 0 });

  const draft = meterRead({ meter: "m-1", kwh: "4.2" });
  // @ts-expect-error the transaction is missing
  outbox.enqueue(draft);
  // @ts-expect-error not a transaction
  outbox.enqueue({ transaction: tx }, draft);
  // @ts-expect-error not a draft
  outbox.enqueue(tx, { meter: "m-1", kwh: "4.2" });
  // @ts-expect-error a look-alike is not a draft
  outbox.enqueue(tx, { ...draft });
  // @ts-expect-error a synchronous storage has no statements
  syncOutbox.prepare(draft);
  // @ts-expect-error a storage is required
  createOutbox({});

  // @ts-expect-error all dead letters must be asked for
  deadLetters.discard({});
  // @ts-expect-error all or some
  deadLetters.discard({ all: false });
}

test("drafts are typed by the schema's input", () => {
  expectTypeOf(meterRead).toBeCallableWith({ meter: "m-1", kwh: "4.2" });
  expectTypeOf(meterRead).returns.toEqualTypeOf<Draft<Reading>>();
  expectTypeOf(meterRead.name).toEqualTypeOf<string>();
});

test("the outbox is as asynchronous as its storage", () => {
  const outbox = createOutbox({ storage: recordingStorage() });
  expectTypeOf(outbox).toEqualTypeOf<Outbox<Tx, Statement>>();
  expectTypeOf(outbox.enqueue).returns.toEqualTypeOf<
    Promise<readonly Receipt[]>
  >();
  const syncOutbox = createOutbox({ storage: recordingSyncStorage() });
  expectTypeOf(syncOutbox).toEqualTypeOf<SyncOutbox<Tx>>();
  expectTypeOf(syncOutbox.enqueue).returns.toEqualTypeOf<readonly Receipt[]>();
});

test("transactions and statements are typed by the storage", () => {
  const outbox = createOutbox({ storage: recordingStorage() });
  expectTypeOf(outbox.enqueue).parameter(0).toEqualTypeOf<Tx>();
  expectTypeOf<Awaited<ReturnType<typeof outbox.prepare>>>()
    .toEqualTypeOf<Prepared<Statement>>();
  const storage = recordingStorage() as Storage<Tx, unknown> as Storage<Tx>;
  const plain = createOutbox({ storage });
  expectTypeOf<Awaited<ReturnType<typeof plain.prepare>>>()
    .toEqualTypeOf<Prepared<never>>();
});
