/**
 * Messages for tests that need one.
 *
 * @module
 */

import type { Message } from "@mailboat/outbox";
import fc from "fast-check";

/** A committed message; `seq` and whatever else matters comes from the test. */
export function sampleMessage(
  { seq = 1, ...rest }: Partial<Message> = {},
): Message {
  return {
    seq,
    id: `0198c2f6-5b1a-7c3d-9a41-${String(seq).padStart(12, "0")}`,
    event: "meter.read",
    topic: "meters/m-1",
    key: "m-1",
    payload: new TextEncoder().encode(`{"kwh":${seq}.0}`),
    contentType: "application/json",
    headers: {},
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: 1_785_576_600_000,
    ttlMs: null,
    position: null,
    ...rest,
  };
}

const text = (limits: fc.StringConstraints = {}) =>
  fc.string({ unit: "grapheme", ...limits })
    .filter((value) =>
      !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(value)
    );

const payload = fc.oneof(
  fc.record({
    contentType: fc.constantFrom("application/json", "application/x+json"),
    payload: fc.json().map((json) => new TextEncoder().encode(json)),
  }),
  fc.record({
    contentType: fc.constantFrom("application/octet-stream", "text/plain"),
    payload: fc.uint8Array(),
  }),
);

/** Every message that the outbox would store, as far as the wire can tell. */
export const anyMessage: fc.Arbitrary<Message> = fc.record({
  seq: fc.maxSafeNat(),
  id: text({ minLength: 1 }),
  event: text({ minLength: 1 }),
  topic: text({ minLength: 1 }).filter((topic) => !/[+#]/.test(topic)),
  key: fc.option(text({ minLength: 1 })),
  headers: fc.dictionary(
    fc.stringMatching(/^[a-z0-9]{1,20}$/)
      .filter((name) => !reserved.includes(name)),
    text(),
    { noNullPrototype: true },
  ),
  responseTopic: fc.option(
    text({ minLength: 1 }).filter((topic) => !/[+#]/.test(topic)),
  ),
  correlationData: fc.option(fc.uint8Array()),
  qos: fc.constantFrom(1, 2),
  retain: fc.boolean(),
  enqueuedAtMs: fc.integer({ min: 0, max: 4e12 }),
  ttlMs: fc.option(fc.integer({ min: 1, max: 4e11 })),
  payload,
}).map(({ payload, ...rest }) => sampleMessage({ ...rest, ...payload }));

const reserved = [
  "specversion",
  "id",
  "source",
  "type",
  "time",
  "datacontenttype",
  "partitionkey",
  "sequence",
  "expirytime",
  "data",
];
