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
import { Route } from "./mqtt/route.ts";
import {
  type MqttTransportOptions,
  type Settings,
  settingsOf,
} from "./mqtt/settings.ts";

export { mqttConsumer, type MqttConsumerOptions } from "./mqtt/consumer.ts";
export {
  mqttSubscriber,
  type MqttSubscriberOptions,
} from "./mqtt/subscriber.ts";
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
  const route = new Route(address, settings.redirects);
  return {
    name: address.name,
    connect: (request) => connect({ ...request, route, settings }),
  };
}

async function connect(
  { route, settings, ...request }: ConnectRequest & {
    readonly route: Route;
    readonly settings: Settings;
  },
): Promise<MqttConnection> {
  const options = { clean: true };
  const { client, peer } = await dial({ ...request, route, settings, options });
  const reader = new AcknowledgementReader();
  // Before mqtt.js reads the same bytes, and from the first of them.
  client.stream.prependListener("data", (chunk) => reader.read(chunk));
  const accept = ({ properties }: IConnackPacket) => {
    const limits = usable(limitsOf(properties), peer.address.name);
    return new MqttConnection({ client, reader, limits, settings, peer });
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
