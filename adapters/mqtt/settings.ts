/**
 * The options of an MQTT transport, checked once.
 *
 * @module
 */

import {
  checkedNumber,
  cloudEventsBinary,
  cloudEventsStructured,
  type Codec,
  InputError,
  rawCodec,
  shorten,
} from "../../mod.ts";
import type { Address } from "./address.ts";
import { type CredentialsProvider, providerOf } from "./credentials.ts";
import { stringFault } from "./utf8_string.ts";

/** How to talk to the broker. Everything has a default. */
export interface MqttTransportOptions {
  /**
   * The version of MQTT: 5, or 4 for 3.1.1. On 3.1.1 a broker cannot say why
   * it refuses a message: it cuts the connection, or acknowledges the message
   * and drops it.
   *
   * @default {5}
   */
  readonly protocol?: 5 | 4;
  /**
   * The client id. Two connections with the same one exclude each other: the
   * broker ends the older. Every relay of an outbox must therefore use the
   * same one, and no other client.
   *
   * @default {mailboat and the outbox's identity, cut to the 23 characters
   * that every broker takes}
   */
  readonly clientId?: string;
  /**
   * The user name.
   *
   * @default {the one in the URL}
   */
  readonly username?: string;
  /**
   * The password.
   *
   * @default {the one in the URL}
   */
  readonly password?: string;
  /**
   * Asked before every connection, for credentials that expire; instead of
   * `username` and `password`.
   *
   * @default {none}
   */
  readonly credentials?: CredentialsProvider;
  /**
   * How long the connection may be silent before each side asks whether the
   * other is alive, in ms, rounded up to seconds. The broker may shorten it.
   * From 1,000 to 65,535,000.
   *
   * @default {30_000}
   */
  readonly keepAliveMs?: number;
  /**
   * How many messages may be unacknowledged at a time; the broker may lower
   * it. From 1 to 65,535.
   *
   * @default {64}
   */
  readonly window?: number;
  /**
   * What goes on the wire.
   *
   * - `cloudevents`: a CloudEvent, in binary mode on MQTT 5, where the
   *   attributes are user properties, and in structured mode on 3.1.1.
   * - `cloudevents-structured`: a CloudEvent in structured mode, one JSON text.
   * - `raw`: the bare payload, with the id and the headers as user properties
   *   on MQTT 5 and without them on 3.1.1.
   * - any {@link Codec}. 3.1.1 carries its payload, and nothing else.
   *
   * @default {"cloudevents"}
   */
  readonly format?: Format;
  /**
   * The `source` of every CloudEvent: a URI reference that names the producer.
   * Left out where another codec decides.
   *
   * @default {"/mailboat"}
   */
  readonly source?: string;
}

/** A wire format by its name, or one of the user's own. */
export type Format = "cloudevents" | "cloudevents-structured" | "raw" | Codec;

/** The options with their defaults. */
export interface Settings {
  readonly protocol: 5 | 4;
  readonly clientId: string | undefined;
  readonly credentials: CredentialsProvider;
  readonly keepAliveSeconds: number;
  readonly window: number;
  readonly codec: Codec;
}

const action = "create an MQTT transport";

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InputError} `INVALID_OPTION`, with the option, its value and its bounds.
 */
export function settingsOf(
  options: MqttTransportOptions,
  address: Address,
): Settings {
  const { protocol = 5, clientId } = options;
  if (protocol !== 5 && protocol !== 4) {
    throw refusal("protocol", "5 or 4", shorten(protocol));
  }
  if (clientId !== undefined) checkText("clientId", clientId);
  if (options.source !== undefined) checkText("source", options.source);
  const window = checkedNumber({
    action,
    option: "window",
    value: options.window,
    default: 64,
    min: 1,
    max: 65_535,
  });
  const keepAliveMs = checkedNumber({
    action,
    option: "keepAliveMs",
    value: options.keepAliveMs,
    default: 30_000,
    min: 1_000,
    max: 65_535_000,
  });
  return Object.freeze({
    protocol,
    clientId,
    credentials: providerOf(options, address.credentials),
    keepAliveSeconds: Math.ceil(keepAliveMs / 1_000),
    window,
    codec: codecOf(options, protocol),
  });
}

function codecOf(
  { format = "cloudevents", source }: MqttTransportOptions,
  protocol: 5 | 4,
): Codec {
  const producer = source === undefined ? {} : { source };
  if (format === "cloudevents") {
    return protocol === 5
      ? cloudEventsBinary(producer)
      : cloudEventsStructured(producer);
  }
  if (format === "cloudevents-structured") {
    return cloudEventsStructured(producer);
  }
  if (source !== undefined) {
    const required = "left out, as it is for CloudEvents only";
    throw refusal("source", required, shorten(source));
  }
  if (format === "raw") return rawCodec();
  if (typeof format === "object" && typeof format?.encode === "function") {
    return format;
  }
  const required = "cloudevents, cloudevents-structured, raw or a codec";
  throw refusal("format", required, shorten(format));
}

function checkText(field: string, value: unknown): void {
  if (value !== "" && stringFault(value) === null) return;
  const required = "a text of 1 to 65535 bytes without control characters";
  throw refusal(field, required, shorten(value));
}

function refusal(field: string, required: string, found: string): InputError {
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
