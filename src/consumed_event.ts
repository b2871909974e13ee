/**
 * The consumed event: checked, its data read and validated.
 *
 * @module
 */

import { InputError, reasonOf } from "./errors.ts";
import type { ConsumedEvent } from "./event_handler.ts";
import { checkedMessage } from "./inbox_message.ts";
import { isJson } from "./logic/cloudevents.ts";
import type { ReceivedEvent } from "./logic/received_event.ts";
import { outputOf } from "./logic/schema.ts";
import type { StandardSchema } from "./standard_schema.ts";
import type { SendFailure } from "./transport.ts";

/** The event as its handler gets it, or why it never can. */
export type ConsumedOrNot =
  | { readonly event: ConsumedEvent<unknown> }
  | { readonly failure: SendFailure };

/** Checks an event and its data; never rejects. */
export async function consumedEvent(
  event: ReceivedEvent,
  schema: StandardSchema,
): Promise<ConsumedOrNot> {
  const action = `handle ${event.type}`;
  try {
    checkedMessage(event);
    const data = dataOf(event);
    const result = await schema["~standard"].validate(data);
    const output = outputOf({ action, data, result });
    return { event: { ...event, data: output } };
  } catch (thrown) {
    const code = thrown instanceof InputError ? thrown.code : "INVALID_PAYLOAD";
    return { failure: { code, reason: reasonOf(thrown) } };
  }
}

/** JSON as a value, everything else as bytes. */
function dataOf({ data, contentType }: ReceivedEvent): unknown {
  if (contentType !== null && !isJson(contentType)) return data;
  if (data.length === 0) return undefined;
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
}
