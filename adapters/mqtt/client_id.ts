/**
 * Client ids that every broker takes.
 *
 * @module
 */

/** MQTT 5 §3.1.3.1 [MQTT-3.1.3-5]: 1 to 23 characters of 0-9, a-z and A-Z. */
const MAX_CHARACTERS = 23;
const PREFIX = "mailboat";

/**
 * Derives a client id from an outbox's identity. Of a long identity the end is
 * taken: where ids begin with a time, they differ at their end.
 */
export function clientIdOf(identity: string): string {
  const room = MAX_CHARACTERS - PREFIX.length;
  return PREFIX + identity.replace(/[^0-9a-zA-Z]/g, "").slice(-room);
}
