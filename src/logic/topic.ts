/**
 * Topic names, as MQTT 5 §4.7 defines them.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";
import { checkedText } from "./text.ts";

/** What should be a topic. */
export interface TopicRequest {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** The topic. */
  readonly value: unknown;
}

/**
 * Returns the topic when a message can be published to it: 1 to 65,535 bytes
 * of UTF-8, no wildcard (§4.7.1), and not the broker's own, which start with
 * `$` (§4.7.2).
 *
 * @throws {InputError} `INVALID_TOPIC`.
 */
export function checkedTopic(request: TopicRequest): string {
  return checked(request, "topic");
}

/**
 * Returns the topic at which an answer is expected, by the same rules (MQTT 5
 * §3.3.2.3.5), or `null` for none.
 *
 * @throws {InputError} `INVALID_TOPIC`.
 */
export function checkedResponseTopic(request: TopicRequest): string | null {
  return request.value === null ? null : checked(request, "responseTopic");
}

function checked({ action, value }: TopicRequest, field: string): string {
  const code = "INVALID_TOPIC";
  const topic = checkedText({ action, code, field, value });
  const fault = /[+#]/.test(topic)
    ? "free of the wildcards + and #"
    : topic.startsWith("$")
    ? "outside the broker's own topics, which start with $"
    : null;
  if (fault === null) return topic;
  throw new InputError(code, {
    action,
    field,
    required: fault,
    found: shorten(topic),
  });
}
