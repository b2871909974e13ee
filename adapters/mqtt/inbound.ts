/**
 * Messages in: taken from mqtt.js as they arrive, acknowledged when the
 * consumer says so.
 *
 * @module
 */

import type { IPublishPacket, MqttClient } from "mqtt";
import type { Delivery } from "../../mod.ts";

/** Takes the answer that mqtt.js is to give; it gives none after an error. */
type Answer = (error: Error | number, code?: number) => void;

/**
 * mqtt.js acknowledges a message before it reads the next one, so that several
 * could not be handled at a time. An error instead of an answer makes it go on
 * without one; the acknowledgement is ours then.
 */
const LATER = new Error("Acknowledged later");

/** Whether an error of the client only says that the answer comes later. */
export function isLater(error: unknown): boolean {
  return error === LATER;
}

/** A message that may not be acknowledged yet; of QoS 0, one without a packet id. */
interface Debt {
  readonly packetId: number | undefined;
  isPaid: boolean;
}

/** What deliveries are made of. */
export interface InboundParts {
  readonly onDelivery: (delivery: Delivery) => void;
  /** How many may be unacknowledged before nothing more is read. */
  readonly window: number;
}

/** The deliveries of one connection, in order of arrival. */
export class Inbound {
  readonly #parts: InboundParts;
  /** In the order in which their acknowledgements must leave (MQTT 5 §4.6 [MQTT-4.6.0-2]). */
  readonly #debts: Debt[] = [];
  #client: MqttClient | null = null;
  #ended = false;
  /** Lets the client read on. */
  #goOn: (() => void) | null = null;

  /** Hands over what arrives. */
  constructor(parts: InboundParts) {
    this.#parts = parts;
  }

  /**
   * Takes what arrives at a client. Beyond the window it is held up: nothing
   * else bounds what a broker sends on 3.1.1, or at QoS 0.
   */
  takeFrom(client: MqttClient): void {
    // Given as an option, mqtt.js would heed it on MQTT 5 only.
    client.options.customHandleAcks = (topic, _, packet, answer: Answer) =>
      this.#take(topic, packet, () => answer(LATER));
    // What is acknowledged here never gets so far: it is QoS 0.
    client.handleMessage = (packet, done) =>
      this.#take(packet.topic, packet, () => done());
  }

  /** Acknowledgements leave by this client. */
  use(client: MqttClient): void {
    this.#client = client;
  }

  /** The connection has ended: nothing is delivered or acknowledged any more. */
  end(): void {
    this.#ended = true;
    this.#debts.length = 0;
    this.#goOn = null;
  }

  #take(topic: string, packet: IPublishPacket, goOn: () => void): void {
    if (this.#ended) return goOn();
    const debt = { packetId: packet.messageId, isPaid: false };
    this.#debts.push(debt);
    const { onDelivery, window } = this.#parts;
    onDelivery({
      topic,
      payload: bytesOf(packet.payload),
      ...propertiesOf(packet),
      acknowledge: () => this.#pay(debt),
    });
    if (this.#debts.length > window) this.#goOn = goOn;
    else goOn();
  }

  #pay(debt: Debt): void {
    debt.isPaid = true;
    if (this.#ended || this.#client === null) return;
    const { stream } = this.#client;
    while (this.#debts[0]?.isPaid) {
      const { packetId } = this.#debts.shift()!;
      if (packetId !== undefined) stream.write(encodePuback(packetId));
    }
    const goOn = this.#goOn;
    if (goOn === null || this.#debts.length > this.#parts.window) return;
    this.#goOn = null;
    goOn();
  }
}

/** PUBACK with the reason code "success", which may be left out (MQTT 5 §3.4.2.1). */
function encodePuback(packetId: number): Uint8Array {
  return Uint8Array.of(0x40, 2, packetId >> 8, packetId & 0xff);
}

/** A copy: the client's bytes are a part of what it read with others. */
function bytesOf(payload: string | Uint8Array): Uint8Array {
  return typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : new Uint8Array(payload);
}

function propertiesOf(
  { properties }: IPublishPacket,
): Pick<Delivery, "properties"> {
  if (properties === undefined) return {};
  const { contentType, responseTopic, correlationData, userProperties } =
    properties;
  return {
    properties: {
      contentType,
      responseTopic,
      correlationData: correlationData && bytesOf(correlationData),
      userProperties,
    },
  };
}
