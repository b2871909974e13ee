/**
 * How to reach a broker and who connects: the options that senders and
 * receivers share, checked once.
 *
 * @module
 */

import { checkedNumber, InputError, shorten } from "../../mod.ts";
import type { Address } from "./address.ts";
import { type CredentialsProvider, providerOf } from "./credentials.ts";
import {
  type ReasonCodeOptions,
  type ReasonPolicy,
  reasonPolicyOf,
} from "./reason_policy.ts";
import type { Redirects } from "./route.ts";
import {
  type TlsOptions,
  type TlsSettings,
  tlsSettingsOf,
} from "./tls_options.ts";
import { stringFault } from "./utf8_string.ts";

/** How to reach the broker. Everything has a default. */
export interface DialOptions {
  /**
   * The version of MQTT: 5, or 4 for 3.1.1. On 3.1.1 a broker cannot say why
   * it refuses a message: it cuts the connection, or acknowledges the message
   * and drops it. Nor does 3.1.1 carry a response topic or correlation data.
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
   * How the connection is encrypted and verified; only with `mqtts://` and
   * `wss://`.
   *
   * @default {verified by the authorities that the runtime trusts}
   */
  readonly tls?: TlsOptions;
  /**
   * How long the connection may be silent before each side asks whether the
   * other is alive, in ms, rounded up to seconds. The broker may shorten it.
   * From 1,000 to 65,535,000.
   *
   * @default {30_000}
   */
  readonly keepAliveMs?: number;
  /**
   * Other classes for reason codes than those of the table in `docs/mqtt.md`,
   * by packet and code: `{ puback: { 0x87: "permanent" } }`.
   *
   * @default {the table's}
   */
  readonly reasonCodes?: ReasonCodeOptions;
  /**
   * Whether a broker may send the next connection to another server, once; the
   * credentials go with it. With `refuse` the address stays.
   *
   * @default {"follow"}
   */
  readonly redirects?: Redirects;
}

/** The options with their defaults. */
export interface DialSettings {
  readonly protocol: 5 | 4;
  readonly clientId: string | undefined;
  readonly credentials: CredentialsProvider;
  /** `null` where nothing is encrypted. */
  readonly tls: TlsSettings | null;
  readonly keepAliveSeconds: number;
  readonly reasons: ReasonPolicy;
  readonly redirects: Redirects;
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InputError} `INVALID_OPTION`, with the option, its value and its bounds.
 */
export function dialSettingsOf(
  action: string,
  options: DialOptions,
  address: Address,
): DialSettings {
  const { protocol = 5, clientId, redirects = "follow" } = options;
  if (protocol !== 5 && protocol !== 4) {
    throw refusal(action, "protocol", "5 or 4", shorten(protocol));
  }
  if (redirects !== "follow" && redirects !== "refuse") {
    const required = "follow or refuse";
    throw refusal(action, "redirects", required, shorten(redirects));
  }
  if (clientId !== undefined) checkText(action, "clientId", clientId);
  const keepAliveMs = checkedNumber({
    action,
    option: "keepAliveMs",
    value: options.keepAliveMs,
    default: 30_000,
    min: 1_000,
    max: 65_535_000,
  });
  return {
    protocol,
    clientId,
    credentials: providerOf(options, address.credentials),
    tls: tlsSettingsOf(options.tls, address),
    keepAliveSeconds: Math.ceil(keepAliveMs / 1_000),
    reasons: reasonPolicyOf(action, options.reasonCodes),
    redirects,
  };
}

/**
 * Checks a text that goes on the wire.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function checkText(
  action: string,
  field: string,
  value: unknown,
): void {
  if (value !== "" && stringFault(value) === null) return;
  const required = "a text of 1 to 65535 bytes without control characters";
  throw refusal(action, field, required, shorten(value));
}

function refusal(
  action: string,
  field: string,
  required: string,
  found: string,
): InputError {
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
