/**
 * Topic names, as MQTT 5 §4.7 defines them.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";
import { checkedText } from "./text.ts";

/**
 * Returns the topic when a message can be published to it: 1 to 65,535 bytes
 * of UTF-8, no wildcard (§4.7.1), and not the broker's own, which start with
 * `$` (§4.7.2).
 *
 * @throws {InputError} `INVALID_TOPIC`.
 */
export function checkedTopic(
  { action, value }: { readonly action: string; readonly value: unknown },
): string {
  const code = "INVALID_TOPIC";
  const topic = checkedText({ action, code, field: "topic", value });
  const fault = /[+#]/.test(topic)
    ? "free of the wildcards + and #"
    : topic.startsWith("$")
    ? "outside the broker's own topics, which start with $"
    : null;
  if (fault === null) return topic;
  throw new InputError(code, {
    action,
    field: "topic",
    required: fault,
    found: shorten(topic),
  });
}
