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

/** A message that may not be acknowledged yet. */
interface Debt {
  readonly packetId: number;
  isPaid: boolean;
}

/** The deliveries of one connection, in order of arrival. */
export class Inbound {
  readonly #onDelivery: (delivery: Delivery) => void;
  /** In the order in which their acknowledgements must leave (MQTT 5 §4.6 [MQTT-4.6.0-2]). */
  readonly #debts: Debt[] = [];
  #client: MqttClient | null = null;
  #ended = false;

  /** Hands over what arrives. */
  constructor(onDelivery: (delivery: Delivery) => void) {
    this.#onDelivery = onDelivery;
  }

  /** For `customHandleAcks` of mqtt.js. */
  readonly take = (
    topic: string,
    payload: Uint8Array,
    packet: IPublishPacket,
    answer: Answer,
  ): void => {
    answer(LATER);
    const { messageId: packetId } = packet;
    if (packetId === undefined || this.#ended) return;
    const debt = { packetId, isPaid: false };
    this.#debts.push(debt);
    this.#onDelivery({
      topic,
      payload: new Uint8Array(payload),
      ...propertiesOf(packet),
      acknowledge: () => this.#pay(debt),
    });
  };

  /** Acknowledgements leave by this client. */
  use(client: MqttClient): void {
    this.#client = client;
  }

  /** The connection has ended: nothing is delivered or acknowledged any more. */
  end(): void {
    this.#ended = true;
    this.#debts.length = 0;
  }

  #pay(debt: Debt): void {
    debt.isPaid = true;
    if (this.#ended || this.#client === null) return;
    const { stream } = this.#client;
    while (this.#debts[0]?.isPaid) {
      const { packetId } = this.#debts.shift()!;
      stream.write(encodePuback(packetId));
    }
  }
}

/** PUBACK with the reason code "success", which may be left out (MQTT 5 §3.4.2.1). */
function encodePuback(packetId: number): Uint8Array {
  return Uint8Array.of(0x40, 2, packetId >> 8, packetId & 0xff);
}

function propertiesOf(
  { properties }: IPublishPacket,
): Pick<Delivery, "properties"> {
  if (properties === undefined) return {};
  const { contentType, responseTopic, correlationData, userProperties } =
    properties;
  return {
    properties: { contentType, responseTopic, correlationData, userProperties },
  };
}
