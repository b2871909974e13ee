/**
 * The bare payload, for consumers that know nothing of CloudEvents.
 *
 * @module
 */

import type { SyncCodec } from "../codec.ts";

/**
 * The payload as it is, with the headers, the `id` and the `position`, where
 * there is one, as user properties. On
 * MQTT 3.1.1 nothing but the payload is left: a consumer there cannot tell a
 * repetition, unless the payload itself says what it needs.
 *
 * @example
 * ```ts
 * const codec = rawCodec();
 * ```
 */
export function rawCodec(): SyncCodec {
  return {
    encode: ({ payload, contentType, headers, id, position }) => ({
      payload,
      contentType,
      userProperties: Object.entries({
        ...headers,
        id,
        ...(position === null ? {} : { position: String(position) }),
      }),
    }),
  };
}
