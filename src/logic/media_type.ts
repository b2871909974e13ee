/**
 * Media types of payloads.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";
import { checkedText } from "./text.ts";

/** `type/subtype` (RFC 9110 §8.3.1), alone or before parameters. */
const MEDIA_TYPE = /^[\w!#$%&'*.^`|~+-]+\/[\w!#$%&'*.^`|~+-]+(?:[ \t]*;|$)/;

/**
 * Returns the media type when it is one, of at most 255 bytes.
 *
 * @throws {InputError} `INVALID_EVENT`.
 */
export function checkedMediaType(
  { action, value }: { readonly action: string; readonly value: unknown },
): string {
  const code = "INVALID_EVENT";
  const field = "contentType";
  const text = checkedText({ action, code, field, value, maxBytes: 255 });
  if (MEDIA_TYPE.test(text)) return text;
  const required = "a media type: type/subtype";
  throw new InputError(code, { action, field, required, found: shorten(text) });
}
