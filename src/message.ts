/**
 * The message: what is stored in the user's transaction and sent by the relay.
 *
 * @module
 */

/** What happens to a lane when its head is dead: wait for an operator, or go on. */
export type OnDead = "hold" | "skip";

/** A message that is about to be stored. Every field has been validated. */
export interface NewMessage {
  /** Unique, and stable over every redelivery: what consumers deduplicate by. */
  readonly id: string;
  /** Whether the caller chose the id; only then can it collide. */
  readonly chosenId: boolean;
  /** The name of the event definition. */
  readonly event: string;
  /** Where the transport delivers it. */
  readonly topic: string;
  /** The ordering key, or `null` for a message in a lane of its own. */
  readonly key: string | null;
  /** The encoded payload. */
  readonly payload: Uint8Array;
  /** The media type of the payload. */
  readonly contentType: string;
  /** Extra properties that travel with the message. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where an answer is expected, or `null`. */
  readonly responseTopic: string | null;
  /** What an answer must carry, for whoever asked to know it again, or `null`. */
  readonly correlationData: Uint8Array | null;
  /** The MQTT quality of service. */
  readonly qos: 1 | 2;
  /** Whether the broker keeps it as the topic's last value. */
  readonly retain: boolean;
  /** What a dead message does to its lane; `null` leaves it to the relay. */
  readonly onDead: OnDead | null;
  /** Wall-clock time of the enqueue, in ms since the epoch. For people; orders nothing. */
  readonly enqueuedAtMs: number;
  /** How long after its enqueue it expires, in ms; `null`: never. */
  readonly ttlMs: number | null;
  /** Whether it takes the next position of its key; without a key there is none. */
  readonly counted: boolean;
}

/** A committed message, as a store returns it. */
export interface Message extends Omit<NewMessage, "chosenId" | "counted"> {
  /** The position in commit order; never reused. */
  readonly seq: number;
  /**
   * Which of the counted messages of its key it is, in commit order from 1;
   * `null` when it is not counted.
   */
  readonly position: number | null;
  /**
   * What somebody else did to the stored message, where it is no longer what
   * was enqueued: it is set aside, never sent. Absent from a sound message.
   */
  readonly damage?: string;
}
