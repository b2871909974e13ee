/**
 * The envelope: everything around a payload that makes it a message.
 *
 * @module
 */

import type { Definition, Draft } from "./draft.ts";
import { type ErrorCode, InputError } from "./errors.ts";
import { checkedCorrelationData } from "./logic/correlation_data.ts";
import { checkedHeaders } from "./logic/headers.ts";
import { checkedKey } from "./logic/key.ts";
import { encodePayload } from "./logic/payload.ts";
import { checkedText } from "./logic/text.ts";
import { checkedResponseTopic, checkedTopic } from "./logic/topic.ts";
import { checkedTtl } from "./logic/ttl.ts";
import type { NewMessage } from "./message.ts";

/** A draft whose data has passed its schema. */
export interface Validated {
  /** What is being done, as a verb phrase: `enqueue meter.read`. */
  readonly action: string;
  /** The draft. */
  readonly draft: Draft;
  /** Its event definition. */
  readonly definition: Definition;
  /** The schema's output. */
  readonly output: unknown;
}

/** What the outbox adds. */
export interface Stamp {
  /** The largest payload, in bytes. */
  readonly maxPayloadBytes: number;
  /** Makes the id of a draft without one. */
  readonly newId: () => string;
  /** Wall-clock time, in ms since the epoch. */
  readonly nowMs: number;
}

/**
 * Returns the message, every field checked.
 *
 * @throws {InputError} for the first field that does not fit.
 */
export function sealed(validated: Validated, stamp: Stamp): NewMessage {
  const { action, draft, definition, output } = validated;
  const topic = derived(validated, "topic", "INVALID_TOPIC");
  const key = derived(validated, "key", "INVALID_KEY");
  const headers = derived(validated, "headers", "INVALID_HEADER");
  const responseTopic = draft.responseTopic === undefined
    ? derived(validated, "responseTopic", "INVALID_TOPIC")
    : draft.responseTopic;
  const ttlMs = draft.ttlMs === undefined
    ? derived(validated, "ttlMs", "INVALID_TTL")
    : draft.ttlMs;
  const maxBytes = stamp.maxPayloadBytes;
  const { payload, contentType } = encodePayload({ action, output, maxBytes });
  const chosenId = draft.id !== undefined;
  return {
    id: chosenId ? checkedId(action, draft.id) : stamp.newId(),
    chosenId,
    event: definition.event,
    topic: checkedTopic({ action, value: topic }),
    key: checkedKey({ action, value: key }),
    payload,
    contentType: definition.contentType ?? contentType,
    headers: checkedHeaders({ action, sources: [headers, draft.headers] }),
    responseTopic: checkedResponseTopic({ action, value: responseTopic }),
    correlationData: checkedCorrelationData({
      action,
      value: draft.correlationData,
    }),
    qos: definition.qos,
    retain: definition.retain,
    onDead: definition.onDead,
    enqueuedAtMs: stamp.nowMs,
    ttlMs: checkedTtl({ action, value: ttlMs }),
    counted: definition.position,
  };
}

/** The fixed value of a field, or what its function makes of the output. */
function derived(
  { action, definition, output }: Validated,
  field: "topic" | "key" | "headers" | "responseTopic" | "ttlMs",
  code: ErrorCode,
): unknown {
  const source = definition[field];
  if (typeof source !== "function") return source;
  try {
    return source(output);
  } catch (cause) {
    const required = "computed without an exception";
    const found = "an exception";
    throw new InputError(code, { action, field, required, found, cause });
  }
}

function checkedId(action: string, value: unknown): string {
  const code = "INVALID_ID";
  return checkedText({ action, code, field: "id", value, maxBytes: 255 });
}
