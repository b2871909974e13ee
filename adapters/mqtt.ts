/**
 * MQTT 5 and 3.1.1 as a transport, over mqtt.js.
 *
 * One client object is one connection: reconnecting, waiting, resending and
 * deadlines are the relay's, so everything in mqtt.js that does the same is
 * switched off.
 *
 * @module
 */

import { connect as dial, type IConnackPacket, type MqttClient } from "mqtt";
import {
  type ConnectRequest,
  readOptions,
  type Transport,
  TransportError,
} from "../mod.ts";
import { AcknowledgementReader } from "./mqtt/acknowledgements.ts";
import { type Address, addressOf } from "./mqtt/address.ts";
import { clientIdOf } from "./mqtt/client_id.ts";
import { MqttConnection } from "./mqtt/connection.ts";
import { checkedCredentials, type Credentials } from "./mqtt/credentials.ts";
import { shakeHands, unavailable } from "./mqtt/handshake.ts";
import { type Limits, limitsOf } from "./mqtt/limits.ts";
import { createQuote, type Quote } from "./mqtt/quoting.ts";
import {
  type MqttTransportOptions,
  type Settings,
  settingsOf,
} from "./mqtt/settings.ts";

export type { Credentials, CredentialsProvider } from "./mqtt/credentials.ts";
export type { Format, MqttTransportOptions } from "./mqtt/settings.ts";

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
  return {
    name: address.name,
    connect: (request) => connect({ ...request, address, settings }),
  };
}

/** An attempt to connect. */
interface Call extends ConnectRequest {
  readonly address: Address;
  readonly settings: Settings;
}

async function connect(call: Call): Promise<MqttConnection> {
  const { address: { name, secrets }, settings, signal } = call;
  const credentials = await credentialsFor(call);
  const { username = "", password = "" } = credentials;
  const quote = createQuote([...secrets, username, password]);
  const client = clientFor(call, credentials, quote);
  // An emitter without this would throw, also long after the end.
  client.on("error", () => {});
  const reader = new AcknowledgementReader();
  // Before mqtt.js reads the same bytes, and from the first of them.
  client.stream.prependListener("data", (chunk) => reader.read(chunk));
  sendAtOnce(client.stream);
  const accept = ({ properties }: IConnackPacket) => {
    const limits = usable(limitsOf(properties), name);
    return new MqttConnection({ client, reader, limits, settings, quote });
  };
  return await shakeHands({ client, name, signal, quote, accept });
}

async function credentialsFor(
  { address: { name }, settings, signal }: Call,
): Promise<Credentials> {
  let given: Credentials;
  try {
    const asked = settings.credentials({ signal });
    const { username, password } = await unlessAborted(asked, signal);
    given = { username, password } as Credentials;
  } catch {
    // What a provider throws may quote its secrets, and nobody knows them.
    throw withoutCredentials(name, new Error("The provider gave none"));
  }
  try {
    return checkedCredentials(given);
  } catch (cause) {
    throw withoutCredentials(name, cause);
  }
}

function withoutCredentials(name: string, cause: unknown): TransportError {
  return new TransportError(
    "TRANSPORT_UNAVAILABLE",
    `Cannot connect to ${name} as there are no usable credentials`,
    cause,
  );
}

function unlessAborted<T>(
  value: T | PromiseLike<T>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    Promise.resolve(value).then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** As long as timers can wait: when to give up is for the signal to say. */
const NEVER_MS = 2 ** 31 - 1;

function clientFor(
  { address, settings, identity }: Call,
  credentials: Credentials,
  quote: Quote,
): MqttClient {
  const { name, protocol, host, port, path } = address;
  try {
    return dial({
      protocol,
      host,
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path }),
      ...credentials,
      clientId: settings.clientId ?? clientIdOf(identity),
      protocolVersion: settings.protocol,
      keepalive: settings.keepAliveSeconds,
      connectTimeout: NEVER_MS,
      clean: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
  } catch (cause) {
    throw unavailable({ name, quote }, "the client cannot be made", cause);
  }
}

/**
 * Switches off the delay by which TCP gathers small packets: while one message
 * is on its way, the next would wait for a round trip. What is sent in one turn
 * is gathered here. A stream that has no such switch needs none.
 */
function sendAtOnce(stream: object): void {
  if ("setNoDelay" in stream && typeof stream.setNoDelay === "function") {
    stream.setNoDelay();
  }
}

/** A broker without QoS 1 acknowledges nothing: no message could be settled. */
function usable(limits: Limits, name: string): Limits {
  if (limits.maximumQos > 0) return limits;
  throw new TransportError(
    "TRANSPORT_REFUSED",
    `Cannot connect to ${name} as the broker supports QoS 0 only`,
  );
}
