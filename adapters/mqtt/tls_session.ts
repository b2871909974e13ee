/**
 * TLS of one connection: what the client asks for, and what people should know
 * about what it got.
 *
 * @module
 */

import { checkServerIdentity, type PeerCertificate } from "node:tls";
import { type ConnectionWarning, InputError } from "../../mod.ts";
import { type Expiry, expiryOf } from "./certificate.ts";
import {
  type CheckedMaterial,
  renewed,
  type TlsMaterial,
} from "./tls_material.ts";
import type { TlsSettings } from "./tls_options.ts";

/** The options of `tls.connect` that are in use. */
type SecureOptions = Omit<CheckedMaterial, "expiry"> & {
  readonly servername?: string;
  readonly ALPNProtocols?: string[];
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly rejectUnauthorized: boolean;
  readonly checkServerIdentity: typeof checkServerIdentity;
};

/** The TLS of one connection. */
export interface TlsSession {
  /** For `tls.connect`. */
  readonly options: SecureOptions;
  /** What is known so far; all of it once the broker has answered. */
  readonly warnings: () => ConnectionWarning[];
}

/**
 * Prepares one connection; `null` where nothing is encrypted.
 *
 * @param given What a provider gave, in place of what the options say.
 * @throws {InputError} `INVALID_OPTION` for what does not do; it shows none of it.
 */
export function tlsSessionOf(
  settings: TlsSettings | null,
  given: TlsMaterial | undefined,
): TlsSession | null {
  if (settings !== null) {
    return sessionWith(settings, renewed(settings.material, given));
  }
  if (given === undefined) return null;
  throw new InputError("INVALID_OPTION", {
    action: "set up TLS",
    field: "tls",
    required: "left out, as the URL asks for no encryption",
    found: "given",
  });
}

function sessionWith(
  settings: TlsSettings,
  material: CheckedMaterial,
): TlsSession {
  const { serverName, alpn, minVersion, verifies } = settings;
  const { expiry, ...secrets } = material;
  let brokers: Expiry | null = null;
  // Runtimes call it with the broker's certificate, whatever TLS carries.
  const judge = (host: string, certificate: PeerCertificate) => {
    brokers = expiryOf(certificate.valid_to);
    return checkServerIdentity(host, certificate);
  };
  return {
    options: {
      ...secrets,
      ...(serverName === undefined ? {} : { servername: serverName }),
      ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
      minVersion,
      // Said always: the environment can turn the default off.
      rejectUnauthorized: verifies,
      checkServerIdentity: judge,
    },
    warnings: () => [
      ...(verifies ? [] : [UNVERIFIED]),
      ...expiryWarnings("The client certificate", expiry, settings),
      ...expiryWarnings("The broker's certificate", brokers, settings),
    ],
  };
}

const UNVERIFIED: ConnectionWarning = {
  code: "TLS_UNVERIFIED",
  reason: "The broker's certificate is not verified: whoever is on the way " +
    "can read and change everything",
};

function expiryWarnings(
  whose: string,
  expiry: Expiry | null,
  { clock, warningMs }: TlsSettings,
): ConnectionWarning[] {
  if (expiry === null) return [];
  const leftMs = expiry.atMs - clock.nowMs();
  if (leftMs > warningMs) return [];
  const verb = leftMs > 0 ? "expires" : "expired";
  const reason = `${whose} ${verb} on ${expiry.date}`;
  return [{ code: "CERTIFICATE_EXPIRES", reason }];
}
