/**
 * MQTT 5 and 3.1.1 as a transport, over mqtt.js.
 *
 * @module
 */

import type { IConnackPacket } from "mqtt";
import {
  type ConnectRequest,
  readOptions,
  type Transport,
  TransportError,
} from "../mod.ts";
import { AcknowledgementReader } from "./mqtt/acknowledgements.ts";
import { addressOf } from "./mqtt/address.ts";
import { MqttConnection } from "./mqtt/connection.ts";
import { dial } from "./mqtt/dial.ts";
import { shakeHands } from "./mqtt/handshake.ts";
import { type Limits, limitsOf } from "./mqtt/limits.ts";
import { beginToLoad } from "./mqtt/mqtt_js.ts";
import { Route } from "./mqtt/route.ts";
import {
  type MqttTransportOptions,
  type Settings,
  settingsOf,
} from "./mqtt/settings.ts";
import { TopicAliasing } from "./mqtt/topic_aliases.ts";

export { mqttConsumer, type MqttConsumerOptions } from "./mqtt/consumer.ts";
export {
  mqttSubscriber,
  type MqttSubscriberOptions,
} from "./mqtt/subscriber.ts";
export { brokerLimits, type BrokerProfile } from "./mqtt/broker_profiles.ts";
export type {
  Credentials,
  CredentialsProvider,
  ProvidedCredentials,
} from "./mqtt/credentials.ts";
export type { ReasonClass, ReasonPacket } from "./mqtt/reason_codes.ts";
export type { ReasonCodeOptions } from "./mqtt/reason_policy.ts";
export type { Redirects } from "./mqtt/route.ts";
export type { Format, MqttTransportOptions } from "./mqtt/settings.ts";
export type { Pem, TlsMaterial } from "./mqtt/tls_material.ts";
export type { TlsOptions } from "./mqtt/tls_options.ts";

/**
 * Creates a transport to one broker. Nothing is opened until a relay connects.
 *
 * A message counts as delivered when the broker has answered PUBACK, or for
 * QoS 2 PUBCOMP. What the broker cannot take (a packet that is too large, a
 * quality of service or a retained message that it does not support) is dead
 * before it is sent.
 *
 * @param url `mqtt://`, `mqtts://`, `ws://` or `wss://`, with user and password
 * if need be; neither they nor a query appear in an error or an event.
 * @param options Everything has a default.
 * @throws {InputError} `INVALID_OPTION` for a malformed URL or option.
 *
 * @example
 * ```ts
 * const token = () => Promise.resolve("…");
 * const transport = mqttTransport("mqtts://broker.example", {
 *   window: 20,
 *   credentials: async () => ({ username: "plant-7", password: await token() }),
 * });
 * ```
 */
export function mqttTransport(
  url: string,
  options: MqttTransportOptions = {},
): Transport {
  const address = addressOf(url);
  const settings = readOptions(
    { action: "create an MQTT transport", options },
    (given) => settingsOf(given, address),
  );
  beginToLoad();
  const route = new Route(address, settings.redirects);
  const aliasing = new TopicAliasing(settings.topicAliases);
  return {
    name: address.name,
    ordered: true,
    connect: (request) => connect({ ...request, route, aliasing, settings }),
  };
}

async function connect(
  { route, aliasing, settings, ...request }: ConnectRequest & {
    readonly route: Route;
    readonly aliasing: TopicAliasing;
    readonly settings: Settings;
  },
): Promise<MqttConnection> {
  const options = { clean: true };
  const { client, peer } = await dial({ ...request, route, settings, options });
  const reader = new AcknowledgementReader();
  // Before mqtt.js reads the same bytes, and from the first of them.
  client.stream.prependListener("data", (chunk) => reader.read(chunk));
  const accept = ({ properties }: IConnackPacket) => {
    const limits = usable(
      limitsOf(properties, settings.profile?.maxPacketBytes),
      peer.address.name,
    );
    return new MqttConnection({
      client,
      reader,
      limits,
      aliasing,
      settings,
      peer,
    });
  };
  const { signal } = request;
  return await shakeHands({ client, peer, signal, accept });
}

/** A broker without QoS 1 acknowledges nothing: no message could be settled. */
function usable(limits: Limits, name: string): Limits {
  if (limits.maximumQos > 0) return limits;
  throw new TransportError(
    "TRANSPORT_REFUSED",
    `Cannot connect to ${name} as the broker supports QoS 0 only`,
    undefined,
    "config",
  );
}
