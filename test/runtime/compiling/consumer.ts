/**
 * A service as its author writes it, for whichever compiler they have.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import {
  createInbox,
  createOutbox,
  createRelay,
  defineEvent,
  MailboatError,
  type Relay,
  type RelayEvent,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  createMemoryTransport,
  createVirtualClock,
} from "@mailboat/outbox/testing";
import * as v from "valibot";

export const meterRead = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), kwh: v.number() }),
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

export const client = createClient({ url: "file:app.db" });
export const storage = libsqlStorage(client);
export const outbox = createOutbox({ storage });
export const inbox = createInbox({ storage, consumer: "billing" });
export const transport = mqttTransport("mqtt://127.0.0.1", { window: 20 });

export async function serve(signal: AbortSignal): Promise<number> {
  const tx = await client.transaction("write");
  const [receipt] = await outbox.enqueue(
    tx,
    meterRead({ meter: "m-1", kwh: 4.2 }),
  );
  await tx.commit();
  const { statements } = await outbox.prepare(
    meterRead({ meter: "m-2", kwh: 0.1 }),
  );
  await client.batch([...statements], "write");
  await using relay = relayOver((event) => {
    if (event.type === "message.dead") console.error(event);
  });
  await relay.run({ signal });
  return receipt?.stored ? 1 : 0;
}

export function relayOver(observe: (event: RelayEvent) => void): Relay {
  return createRelay({ storage, transport, observe });
}

export async function rehearse(): Promise<string> {
  const clock = createVirtualClock();
  const broker = createMemoryTransport({ clock, acknowledgeMs: 20 });
  const relay = createRelay({ storage, transport: broker, clock });
  try {
    return (await relay.drain({ budgetMs: 1_000 })).reason;
  } catch (error) {
    return error instanceof MailboatError ? error.code : "";
  }
}

/** Never called: what is wrong here must not compile. */
export function mistakes(): void {
  // @ts-expect-error a field is missing
  meterRead({ meter: "m-1" });
  // @ts-expect-error a client is no transaction
  void outbox.enqueue(client, meterRead({ meter: "m-1", kwh: 4.2 }));
  // @ts-expect-error an option is given or left out, and never undefined
  mqttTransport("mqtt://127.0.0.1", { window: undefined });
  // @ts-expect-error a storage is required
  createOutbox({});
}
