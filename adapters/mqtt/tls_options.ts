/**
 * The options of TLS, checked once.
 *
 * @module
 */

import {
  checkedNumber,
  type Clock,
  InputError,
  shorten,
  systemClock,
} from "../../mod.ts";
import type { Address } from "./address.ts";
import {
  type CheckedMaterial,
  checkedMaterial,
  type TlsMaterial,
} from "./tls_material.ts";

/** How a connection is encrypted, for `mqtts://` and `wss://`. */
export interface TlsOptions extends TlsMaterial {
  /**
   * The name that is asked for (SNI) and that the broker's certificate must
   * have.
   *
   * @default {the host of the URL}
   */
  readonly serverName?: string;
  /**
   * The protocols offered to the broker (ALPN), the best first, each of 1 to
   * 255 characters of ASCII: `["x-amzn-mqtt-ca"]`.
   *
   * @default {none}
   */
  readonly alpn?: readonly string[];
  /**
   * The oldest version of TLS that is accepted.
   *
   * @default {"TLSv1.2"}
   */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  /**
   * Accepts any certificate from anybody. Whoever is on the way can then read
   * and change everything, the password included. Every connection warns of it
   * with `TLS_UNVERIFIED`.
   *
   * @default {false}
   */
  readonly insecureSkipVerification?: boolean;
  /**
   * How long before its end a certificate is reported as `CERTIFICATE_EXPIRES`,
   * in ms.
   *
   * @default {2_592_000_000, which is 30 days}
   */
  readonly certificateWarningMs?: number;
  /**
   * Tells whether a certificate is about to expire.
   *
   * @default {systemClock()}
   */
  readonly clock?: Pick<Clock, "nowMs">;
}

/** The options with their defaults. */
export interface TlsSettings {
  readonly material: CheckedMaterial;
  readonly serverName: string | undefined;
  readonly alpn: string[] | undefined;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly verifies: boolean;
  readonly warningMs: number;
  readonly clock: Pick<Clock, "nowMs">;
}

const action = "set up TLS";

/**
 * Checks the options and fills in the defaults; `null` where nothing is
 * encrypted.
 *
 * @throws {InputError} `INVALID_OPTION`; it shows no certificate and no key.
 */
export function tlsSettingsOf(
  options: TlsOptions | undefined,
  { protocol }: Address,
): TlsSettings | null {
  if (options !== undefined && typeof options !== "object") {
    throw refusal("tls", "an object", typeof options);
  }
  if (options === null) throw refusal("tls", "an object", "null");
  if (protocol === "mqtt" || protocol === "ws") {
    if (options === undefined) return null;
    const required = `left out, as ${protocol}:// is not encrypted; ` +
      `use ${protocol}s://`;
    throw refusal("tls", required, "given");
  }
  return settingsOf(options ?? {});
}

function settingsOf(options: TlsOptions): TlsSettings {
  const { serverName, alpn, minVersion = "TLSv1.2" } = options;
  const { insecureSkipVerification = false, clock = systemClock() } = options;
  if (serverName !== undefined && !isHostName(serverName)) {
    const required = "the name of a host and not an address";
    throw refusal("tls.serverName", required, shorten(serverName));
  }
  if (alpn !== undefined && !isProtocolList(alpn)) {
    const required = "a list of names of 1 to 255 characters of ASCII";
    throw refusal("tls.alpn", required, shorten(alpn));
  }
  if (!["TLSv1.2", "TLSv1.3"].includes(minVersion)) {
    throw refusal("tls.minVersion", "TLSv1.2 or TLSv1.3", shorten(minVersion));
  }
  if (typeof insecureSkipVerification !== "boolean") {
    const found = shorten(insecureSkipVerification);
    throw refusal("tls.insecureSkipVerification", "true or false", found);
  }
  if (typeof clock?.nowMs !== "function") {
    throw refusal("tls.clock", "a clock with nowMs()", shorten(clock));
  }
  return {
    material: checkedMaterial(options),
    serverName,
    alpn: alpn && [...alpn],
    minVersion,
    verifies: !insecureSkipVerification,
    warningMs: checkedNumber({
      action,
      option: "tls.certificateWarningMs",
      value: options.certificateWarningMs,
      default: 2_592_000_000,
      min: 0,
    }),
    clock,
  };
}

/** RFC 6066 §3: a name, and no literal address. */
function isHostName(name: unknown): boolean {
  if (typeof name !== "string" || name.length > 253) return false;
  const labels = name.split(".");
  return labels.every((label) => /^[a-z0-9_-]{1,63}$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1)!);
}

/** RFC 7301 §3.1. The names are joined in two bytes of length. */
function isProtocolList(names: unknown): boolean {
  return Array.isArray(names) && names.length > 0 && names.length <= 255 &&
    names.every((name) =>
      typeof name === "string" && /^[\x21-\x7e]{1,255}$/.test(name)
    );
}

function refusal(field: string, required: string, found: string): InputError {
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
