/**
 * Event definitions: what an event is called, what its data must look like,
 * and where it goes.
 *
 * @module
 */

import {
  type Definition,
  Draft,
  type DraftOptions,
  type HeaderSource,
} from "./draft.ts";
import { InputError, shorten } from "./errors.ts";
import { checkedHeaders } from "./logic/headers.ts";
import { checkedKey } from "./logic/key.ts";
import { checkedMediaType } from "./logic/media_type.ts";
import { readOptions } from "./logic/options.ts";
import { isStandardSchema } from "./logic/schema.ts";
import { checkedText } from "./logic/text.ts";
import { checkedResponseTopic, checkedTopic } from "./logic/topic.ts";
import { checkedTtl } from "./logic/ttl.ts";
import type { OnDead } from "./message.ts";
import type { StandardSchema } from "./standard_schema.ts";

/** How an event is validated and delivered. Functions get the schema's output. */
export interface EventOptions<Input, Output> {
  /**
   * A schema of any library that implements Standard Schema. Its output is the
   * payload: a Uint8Array as it is, everything else as JSON.
   */
  readonly schema: StandardSchema<Input, Output>;
  /** The topic: 1 to 65,535 bytes of UTF-8, no `+` or `#`, not starting with `$`. */
  readonly topic: string | ((event: Output) => string);
  /**
   * The ordering key: 1 to 65,535 bytes of UTF-8. `null` promises no order.
   *
   * @default {null}
   */
  readonly key?: string | null | ((event: Output) => string | null);
  /**
   * Headers that travel with the message, as MQTT 5 user properties: at most
   * 64, names of 1 to 20 characters of a-z and 0-9, values of at most 65,535
   * bytes of UTF-8. Where they are pairs, a name that repeats is refused.
   * `traceparent` and `tracestate` must be what W3C Trace Context says.
   *
   * @default {{}}
   */
  readonly headers?: HeaderSource | ((event: Output) => HeaderSource);
  /**
   * Where an answer is expected (MQTT 5 §3.3.2.3.5): a topic as any other.
   * MQTT 3.1.1 does not carry it.
   *
   * @default {null}
   */
  readonly responseTopic?:
    | string
    | null
    | ((event: Output) => string | null);
  /**
   * The media type of the payload.
   *
   * @default {"application/json", for bytes "application/octet-stream"}
   */
  readonly contentType?: string;
  /**
   * The MQTT quality of service.
   *
   * @default {1}
   */
  readonly qos?: 1 | 2;
  /**
   * Whether the broker keeps it as the topic's last value. An empty payload
   * then removes that value (MQTT 5 §3.3.1.3).
   *
   * @default {false}
   */
  readonly retain?: boolean;
  /**
   * What a dead message does to its lane.
   *
   * @default {the relay's choice}
   */
  readonly onDead?: OnDead;
  /**
   * Whether each message carries its `position`: it is the n-th of its key that
   * was committed with this option, of whatever event, from 1 on, without a
   * gap. A consumer that finds a gap has missed a message, or one was discarded
   * or expired. A message without a key has no position.
   *
   * Costs one more statement per call, and one more page written per commit for
   * each key in it (4,120 bytes in the log of SQLite, two pages with the first
   * message of a key). Keys that are silent for long are forgotten, see
   * `keepPositions` of the relay: their next message has position 1, which tells
   * nothing of what came before.
   *
   * @default {false}
   */
  readonly position?: boolean;
  /**
   * How long after its enqueue a message is of use, in ms: 1 to
   * 315,360,000,000 (ten years). An expired message is not sent any more, and
   * what remains travels as the Message Expiry Interval (MQTT 5 §3.3.2.3.3;
   * 3.1.1 has none). `null` never expires.
   *
   * @default {null}
   */
  readonly ttlMs?: number | null | ((event: Output) => number | null);
}

/** Makes drafts of one kind of event. */
export interface EventDefinition<Input, Output = Input> {
  /** The event's name. */
  readonly name: string;
  /** The event's schema. */
  readonly schema: StandardSchema<Input, Output>;
  /** Makes a draft. Nothing is checked or stored before it is enqueued. */
  (data: Input, options?: DraftOptions): Draft<Input>;
}

/**
 * Defines an event. The name is 1 to 255 bytes of UTF-8, and travels as the
 * CloudEvents `type`.
 *
 * @throws {InputError} `INVALID_EVENT`, `INVALID_TOPIC`, `INVALID_KEY`,
 * `INVALID_HEADER` or `INVALID_TTL` for what is wrong with the definition itself.
 *
 * @example
 * ```ts
 * const meterRead = defineEvent("meter.read", {
 *   schema: v.object({ meter: v.string(), kwh: v.number() }),
 *   topic: (event) => `meters/${event.meter}`,
 *   key: (event) => event.meter,
 * });
 * await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * ```
 */
export function defineEvent<Input, Output>(
  name: string,
  options: EventOptions<Input, Output>,
): EventDefinition<Input, Output> {
  const action = "define an event";
  const definition = readOptions(
    { action, options },
    (given) => checkedDefinition(name, given),
  );
  const schema = definition.schema as StandardSchema<Input, Output>;
  const make = (data: Input, draft: DraftOptions = {}): Draft<Input> =>
    readOptions(
      { action: `make a draft of ${definition.event}`, options: draft },
      (given) => new Draft(definition, data, given),
    );
  return Object.defineProperty(
    Object.assign(make, { schema }),
    "name",
    { value: name },
  );
}

function checkedDefinition<Input, Output>(
  name: string,
  options: EventOptions<Input, Output>,
): Definition {
  const event = checkedText({
    action: "define an event",
    code: "INVALID_EVENT",
    field: "its name",
    value: name,
    maxBytes: 255,
  });
  const action = `define ${event}`;
  const { schema, topic, key = null, headers, contentType } = options;
  const { responseTopic = null, position = false } = options;
  const { qos = 1, retain = false, onDead = null, ttlMs = null } = options;

  demand(action, "schema", schema, "a Standard Schema", isStandardSchema);
  demand(action, "qos", qos, "1 or 2", (value) => value === 1 || value === 2);
  demand(action, "retain", retain, "true or false", isBoolean);
  demand(action, "onDead", onDead, '"hold" or "skip"', isOnDead);
  demand(
    action,
    "position",
    position,
    "true or false, and false without a key",
    (value) => isBoolean(value) && !(value && key === null),
  );
  if (contentType !== undefined) {
    checkedMediaType({ action, value: contentType });
  }
  if (typeof topic !== "function") checkedTopic({ action, value: topic });
  if (typeof key !== "function") checkedKey({ action, value: key });
  if (typeof ttlMs !== "function") checkedTtl({ action, value: ttlMs });
  if (typeof headers !== "function") {
    checkedHeaders({ action, sources: [headers] });
  }
  if (typeof responseTopic !== "function") {
    checkedResponseTopic({ action, value: responseTopic });
  }
  return {
    event,
    schema,
    topic: topic as Definition["topic"],
    key: key as Definition["key"],
    headers: headers as Definition["headers"],
    responseTopic: responseTopic as Definition["responseTopic"],
    contentType,
    qos,
    retain,
    onDead,
    position,
    ttlMs: ttlMs as Definition["ttlMs"],
  };
}

function demand(
  action: string,
  field: string,
  value: unknown,
  required: string,
  fits: (value: unknown) => boolean,
): void {
  if (fits(value)) return;
  const found = shorten(value);
  throw new InputError("INVALID_EVENT", { action, field, required, found });
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isOnDead(value: unknown): boolean {
  return value === null || value === "hold" || value === "skip";
}
