/**
 * The codec contract: how a message becomes the content of a packet.
 *
 * The adapter adds what the message says of its own way (topic, quality of
 * service, retain); everything that a consumer reads comes from the codec.
 *
 * @module
 */

import type { Message } from "./message.ts";

/** The content of a packet. */
export interface EncodedMessage {
  /** The bytes that are sent. */
  readonly payload: Uint8Array;
  /**
   * The media type of these bytes, MQTT's Content Type; `null` for none. Not
   * sent on MQTT 3.1.1, which has no properties.
   */
  readonly contentType: string | null;
  /**
   * The user properties, in order. MQTT allows a name to repeat, CloudEvents
   * does not. Not sent on MQTT 3.1.1.
   */
  readonly userProperties: readonly (readonly [name: string, value: string])[];
}

/** A wire format. */
export interface Codec {
  /**
   * Encodes one message.
   *
   * **Promises** the same content for the same message, whenever and however
   * often it is asked, as a message may be sent more than once; `id` must be
   * found in it, or consumers cannot tell a repetition.
   * **May fail with** any error, thrown or as a rejection: it costs the message
   * an attempt, and no other message anything.
   * **Must not** change the message, nor wait for anything outside: the
   * messages that come after it on the connection leave after it.
   */
  encode(message: Message): EncodedMessage | PromiseLike<EncodedMessage>;
}

/** A codec that never waits. */
export interface SyncCodec extends Codec {
  /**
   * Encodes one message at once.
   *
   * **Promises** what every codec does; **may fail with** the same;
   * **must not** return a promise.
   */
  encode(message: Message): EncodedMessage;
}
