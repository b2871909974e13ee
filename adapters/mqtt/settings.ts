/**
 * The options of an MQTT transport, checked once.
 *
 * @module
 */

import { checkedNumber, InputError, shorten } from "../../mod.ts";
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
   * What goes on the wire: a CloudEvent (binary mode on MQTT 5, structured
   * mode on 3.1.1), or the bare payload, with the id and the headers as user
   * properties on MQTT 5 and without them on 3.1.1.
   *
   * @default {"cloudevents"}
   */
  readonly format?: "cloudevents" | "raw";
  /**
   * The `source` of every CloudEvent: a URI reference that names the producer.
   *
   * @default {"/mailboat"}
   */
  readonly source?: string;
}

/** The options with their defaults. */
export interface Settings {
  readonly protocol: 5 | 4;
  readonly clientId: string | undefined;
  readonly credentials: CredentialsProvider;
  readonly keepAliveSeconds: number;
  readonly window: number;
  readonly format: "cloudevents" | "raw";
  readonly source: string;
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
  const { protocol = 5, format = "cloudevents", clientId } = options;
  const { source = "/mailboat" } = options;
  if (protocol !== 5 && protocol !== 4) {
    throw refusal("protocol", "5 or 4", shorten(protocol));
  }
  if (format !== "cloudevents" && format !== "raw") {
    throw refusal("format", "cloudevents or raw", shorten(format));
  }
  if (clientId !== undefined) checkText("clientId", clientId);
  checkText("source", source);
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
    format,
    source,
  });
}

function checkText(field: string, value: unknown): void {
  if (value !== "" && stringFault(value) === null) return;
  const required = "a text of 1 to 65535 bytes without control characters";
  throw refusal(field, required, shorten(value));
}

function refusal(field: string, required: string, found: string): InputError {
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
