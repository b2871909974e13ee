/**
 * MQTT 5 and 3.1.1 as a subscriber, over mqtt.js.
 *
 * The broker keeps the session: what is published while nobody is connected,
 * and what is not acknowledged, is delivered at the next connection.
 *
 * @module
 */

import type { IClientOptions, IConnackPacket } from "mqtt";
import {
  checkedNumber,
  InputError,
  readOptions,
  shorten,
  type Subscriber,
  type SubscribeRequest,
} from "../../mod.ts";
import { type Address, addressOf } from "./address.ts";
import { dial } from "./dial.ts";
import {
  type DialOptions,
  type DialSettings,
  dialSettingsOf,
} from "./dial_settings.ts";
import { shakeHands } from "./handshake.ts";
import { Inbound } from "./inbound.ts";
import { beginToLoad } from "./mqtt_js.ts";
import { Route } from "./route.ts";
import { Session } from "./session.ts";
import { ask } from "./subscribe_request.ts";
import { MqttSubscription } from "./subscription.ts";
import { filterFault } from "./topic_filter.ts";

/** How to receive from a broker. */
export interface MqttSubscriberOptions extends DialOptions {
  /**
   * What to subscribe to: 1 to 100 topic filters, at QoS 1. A shared
   * subscription gives up the order of a key, unless each has a topic of its own.
   */
  readonly topics: readonly string[];
  /**
   * How many deliveries may be unacknowledged at a time, from 1 to 65,535. On
   * 3.1.1 the broker decides, Mosquitto has 20; what it sends beyond the window
   * is not read before it is needed.
   *
   * @default {64}
   */
  readonly window?: number;
  /**
   * The largest packet that the broker may send, in bytes; it drops what is
   * larger. Not known on 3.1.1. From 128 to 268,435,460.
   *
   * @default {2_097_152}
   */
  readonly maxPacketBytes?: number;
  /**
   * For how long the broker keeps what arrives while nobody is connected, in
   * ms, rounded up to seconds; it may decide to keep it for less. On 3.1.1 the
   * broker alone decides.
   *
   * @default {604_800_000, a week}
   */
  readonly sessionMs?: number;
}

const action = "create an MQTT subscriber";

interface Settings extends DialSettings {
  readonly topics: readonly string[];
  readonly window: number;
  readonly maxPacketBytes: number;
  readonly sessionSeconds: number;
}

/**
 * Creates a subscriber. Nothing is opened until a consumer subscribes.
 *
 * The client id names the session: no two consumers of one broker may have the
 * same. Unless it is given it is `mailboat-` and the consumer's name; with a
 * name of more than 14 letters and digits, or with others, it is one that a
 * broker may refuse (MQTT 5 §3.1.3.1), though few do.
 *
 * @throws {InputError} `INVALID_OPTION` for a malformed URL, topic filter or option.
 *
 * @example
 * ```ts
 * const subscriber = mqttSubscriber("mqtts://broker.example", {
 *   topics: ["meters/+"],
 * });
 * ```
 */
export function mqttSubscriber(
  url: string,
  options: MqttSubscriberOptions,
): Subscriber {
  const address = addressOf(url);
  const settings = readOptions(
    { action, options },
    (given) => settingsOf(given, address),
  );
  beginToLoad();
  const route = new Route(address, settings.redirects);
  const session = new Session(settings.sessionSeconds);
  return {
    name: address.name,
    subscribe: (request) => subscribe(request, { route, settings, session }),
  };
}

async function subscribe(
  { identity, signal, onDelivery }: SubscribeRequest,
  { route, settings, session }: {
    readonly route: Route;
    readonly settings: Settings;
    readonly session: Session;
  },
): Promise<MqttSubscription> {
  const { topics, window } = settings;
  const inbound = new Inbound({ onDelivery, window });
  const { client, peer } = await dial({
    identity,
    signal,
    route,
    settings,
    options: clientOptions(identity, settings),
  });
  inbound.takeFrom(client);
  const accept = (connack: IConnackPacket) => {
    const warnings = session.met(connack);
    return new MqttSubscription({ client, inbound, window, peer, warnings });
  };
  const subscription = await shakeHands({ client, peer, signal, accept });
  try {
    await ask(client, { topics, peer, signal });
    session.begun();
    return subscription;
  } catch (error) {
    await subscription.close();
    throw error;
  }
}

function clientOptions(
  identity: string,
  settings: Settings,
): IClientOptions {
  const { protocol, sessionSeconds, window, maxPacketBytes } = settings;
  return {
    // Two names must never share a session, so that a long one is not cut.
    clientId: settings.clientId ?? `mailboat-${identity}`,
    clean: false,
    ...(protocol === 5
      ? {
        properties: {
          sessionExpiryInterval: sessionSeconds,
          receiveMaximum: window,
          maximumPacketSize: maxPacketBytes,
        },
      }
      : {}),
  };
}

const MAX_TOPICS = 100;
const MAX_SESSION_MS = (2 ** 32 - 2) * 1_000;

function settingsOf(
  options: MqttSubscriberOptions,
  address: Address,
): Settings {
  const { topics } = options;
  const number = (
    option: "window" | "maxPacketBytes" | "sessionMs",
    bound: {
      readonly default: number;
      readonly min: number;
      readonly max: number;
    },
  ) => checkedNumber({ action, option, value: options[option], ...bound });
  const sessionMs = number("sessionMs", {
    default: 604_800_000,
    min: 1_000,
    max: MAX_SESSION_MS,
  });
  return Object.freeze({
    ...dialSettingsOf(action, options, address),
    topics: checkedTopics(topics),
    window: number("window", { default: 64, min: 1, max: 65_535 }),
    maxPacketBytes: number("maxPacketBytes", {
      default: 2_097_152,
      min: 128,
      max: 268_435_460,
    }),
    sessionSeconds: Math.ceil(sessionMs / 1_000),
  });
}

function checkedTopics(topics: unknown): readonly string[] {
  if (!Array.isArray(topics) || topics.length === 0) {
    throw refusal(`1 to ${MAX_TOPICS} topic filters`, shorten(topics));
  }
  if (topics.length > MAX_TOPICS) {
    throw refusal(`at most ${MAX_TOPICS} topic filters`, `${topics.length}`);
  }
  for (const topic of topics as readonly unknown[]) {
    const fault = filterFault(topic);
    if (fault !== null) throw refusal("a topic filter", `one that ${fault}`);
  }
  return [...new Set(topics as readonly string[])];
}

function refusal(required: string, found: string): InputError {
  const code = "INVALID_OPTION";
  return new InputError(code, { action, field: "topics", required, found });
}
