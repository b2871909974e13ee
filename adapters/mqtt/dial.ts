/**
 * Dialling: from an address to a client of mqtt.js that has begun to connect.
 *
 * One client object is one connection: reconnecting, waiting, resending and
 * deadlines are the core's, so everything in mqtt.js that does the same is
 * switched off.
 *
 * @module
 */

import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { type ConnectRequest, TransportError } from "../../mod.ts";
import { clientIdOf } from "./client_id.ts";
import { checkedCredentials, type Credentials } from "./credentials.ts";
import type { DialSettings } from "./dial_settings.ts";
import { unavailable } from "./handshake.ts";
import type { Peer } from "./peer.ts";
import { createQuote } from "./quoting.ts";
import type { Route } from "./route.ts";

/** An attempt to connect. */
export interface Call extends ConnectRequest {
  readonly route: Route;
  readonly settings: DialSettings;
  /** What senders and receivers ask of mqtt.js each for themselves. */
  readonly options: IClientOptions;
}

/** A client on its way to the broker. */
export interface Dialled {
  readonly client: MqttClient;
  readonly peer: Peer;
}

/**
 * Asks for credentials and begins to connect.
 *
 * @throws {TransportError} `TRANSPORT_UNAVAILABLE` without usable credentials,
 * and where no client can be made.
 */
export async function dial(call: Call): Promise<Dialled> {
  const { route, settings: { reasons } } = call;
  const address = route.next();
  const credentials = await credentialsFor(call, address.name);
  const { username = "", password = "" } = credentials;
  const quote = createQuote([...address.secrets, username, password]);
  const peer = { address, quote, reasons, route };
  const client = clientFor(call, credentials, peer);
  // An emitter without this would throw, also long after the end.
  client.on("error", () => {});
  sendAtOnce(client.stream);
  return { client, peer };
}

async function credentialsFor(
  { settings, signal }: Call,
  name: string,
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
  { settings, identity, options }: Call,
  credentials: Credentials,
  peer: Peer,
): MqttClient {
  const { protocol, host, port, path } = peer.address;
  try {
    return connect({
      protocol,
      host,
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path }),
      ...credentials,
      clientId: settings.clientId ?? clientIdOf(identity),
      protocolVersion: settings.protocol,
      keepalive: settings.keepAliveSeconds,
      connectTimeout: NEVER_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      ...options,
    });
  } catch (cause) {
    throw unavailable(peer, "the client cannot be made", cause);
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
