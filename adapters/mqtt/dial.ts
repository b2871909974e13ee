/**
 * Dialling: from an address to a client of mqtt.js that has begun to connect.
 *
 * One client object is one connection: reconnecting, waiting, resending and
 * deadlines are the core's, so everything in mqtt.js that does the same is
 * switched off.
 *
 * @module
 */

import type { IClientOptions, MqttClient } from "mqtt";
import { type ConnectRequest, InputError, TransportError } from "../../mod.ts";
import type { Address } from "./address.ts";
import { clientIdOf } from "./client_id.ts";
import {
  checkedCredentials,
  type Credentials,
  type ProvidedCredentials,
} from "./credentials.ts";
import type { DialSettings } from "./dial_settings.ts";
import { unavailable } from "./handshake.ts";
import { type MqttJs, mqttJs } from "./mqtt_js.ts";
import type { Peer } from "./peer.ts";
import { createQuote } from "./quoting.ts";
import type { Route } from "./route.ts";
import { type TlsSession, tlsSessionOf } from "./tls_session.ts";

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

/** What one connection is opened with. */
interface Identification {
  readonly credentials: Credentials;
  /** `null` where nothing is encrypted. */
  readonly tls: TlsSession | null;
}

/**
 * Asks for credentials and begins to connect.
 *
 * @throws {TransportError} `TRANSPORT_UNAVAILABLE` without usable credentials,
 * and where no client can be made; `DEPENDENCY_MISSING` without mqtt.js.
 */
export async function dial(call: Call): Promise<Dialled> {
  const { route, settings: { reasons } } = call;
  const library = await mqttJs();
  const address = route.next();
  const identification = await identify(call, address);
  const { credentials: { username = "", password = "" }, tls } = identification;
  const quote = createQuote([...address.secrets, username, password]);
  const warnings = () => tls?.warnings() ?? [];
  const peer = { address, quote, reasons, route, warnings };
  const client = clientFor(library, call, identification, peer);
  // An emitter without this would throw, also long after the end.
  client.on("error", () => {});
  sendAtOnce(client.stream);
  return { client, peer };
}

async function identify(
  { settings, signal, route }: Call,
  address: Address,
): Promise<Identification> {
  const { name } = address;
  let given: ProvidedCredentials;
  try {
    const asked = settings.credentials({ signal });
    const { username, password, tls } = await unlessAborted(asked, signal);
    given = { username, password, tls } as ProvidedCredentials;
  } catch {
    // What a provider throws may quote its secrets, and nobody knows them.
    throw withoutCredentials(name, new Error("The provider gave none"));
  }
  try {
    const credentials = checkedCredentials(given);
    // Another server proves its own name, not the one that was given.
    const tls = settings.tls === null || route.isHome(address)
      ? settings.tls
      : { ...settings.tls, serverName: undefined };
    return { credentials, tls: tlsSessionOf(tls, given.tls) };
  } catch (cause) {
    throw withoutCredentials(
      name,
      cause instanceof InputError ? cause : new Error("They are not readable"),
    );
  }
}

/** A provider that is down may come back; one that gives rubbish is for people. */
function withoutCredentials(name: string, cause: Error): TransportError {
  const why = cause instanceof InputError
    ? `: ${cause.field} must be ${cause.required}`
    : "";
  return new TransportError(
    "TRANSPORT_UNAVAILABLE",
    `Cannot connect to ${name} as there are no usable credentials${why}`,
    cause,
    cause instanceof InputError ? "config" : "soon",
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
  library: MqttJs,
  { settings, identity, options }: Call,
  { credentials, tls }: Identification,
  peer: Peer,
): MqttClient {
  const { protocol, host, port, path } = peer.address;
  try {
    return library.connect({
      protocol,
      host,
      ...(port === undefined ? {} : { port }),
      ...(path === undefined ? {} : { path }),
      ...credentials,
      ...tlsOptionsOf(protocol, tls),
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

/** Of what is for TLS, the client hands on only a part to a WebSocket by itself. */
function tlsOptionsOf(
  protocol: Address["protocol"],
  tls: TlsSession | null,
): IClientOptions {
  if (tls === null) return {};
  if (protocol === "mqtts") return tls.options;
  // ws hands them to tls.connect as they are, whatever its types say of one.
  return { wsOptions: tls.options as IClientOptions["wsOptions"] & object };
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
