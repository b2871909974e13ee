/**
 * A consumer over MQTT: the subscriber and the consumer made in one call.
 *
 * @module
 */

import {
  type Consumer,
  type ConsumerOptions,
  createConsumer,
  readOptions,
} from "../../mod.ts";
import { mqttSubscriber, type MqttSubscriberOptions } from "./subscriber.ts";

/** How to reach the broker, and what to do about what it delivers. */
export interface MqttConsumerOptions<Tx>
  extends Omit<ConsumerOptions<Tx>, "subscriber"> {
  /** The broker, the topics and the session. */
  readonly mqtt: MqttSubscriberOptions;
}

/**
 * Creates a consumer of what a broker delivers: each message is handled once,
 * in the transaction that records it, and acknowledged after the commit.
 *
 * @throws {InputError} `INVALID_OPTION` for a malformed URL or option.
 *
 * @example
 * ```ts
 * const consumer = mqttConsumer("mqtt://127.0.0.1", {
 *   consumer: "billing",
 *   mqtt: { topics: ["meters/+"] },
 *   storage: libsqlStorage(client),
 *   database: libsqlTransactions(client),
 *   handlers: (on) => [
 *     on(meterRead, async (tx, { data }) => {
 *       await tx.execute({
 *         sql: "INSERT INTO reading VALUES (?, ?)",
 *         args: [data.meter, data.kwh],
 *       });
 *     }),
 *   ],
 * });
 * ```
 */
export function mqttConsumer<Tx>(
  url: string,
  options: MqttConsumerOptions<Tx>,
): Consumer {
  const action = "create an MQTT consumer";
  return readOptions({ action, options }, ({ mqtt, ...others }) => {
    const subscriber = mqttSubscriber(url, mqtt);
    return createConsumer({ ...others, subscriber });
  });
}
