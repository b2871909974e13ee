/**
 * Certificates and keys, checked before they are used. No error shows any of
 * them.
 *
 * @module
 */

import { createPrivateKey, type KeyObject } from "node:crypto";
import { createSecureContext } from "node:tls";
import { InputError, shorten } from "../../mod.ts";
import { certificatesIn, type Expiry, expiryOf } from "./certificate.ts";

/** A text in PEM, or its bytes; at most 1,048,576 characters. */
export type Pem = string | Uint8Array;

/** Whom to trust, and who this client is. */
export interface TlsMaterial {
  /**
   * The authorities that may vouch for the broker, in place of those that the
   * runtime trusts; several in one text or in several.
   *
   * @default {those that the runtime trusts}
   */
  readonly ca?: Pem | readonly Pem[];
  /**
   * The client's certificate, and those between it and its authority.
   *
   * @default {none}
   */
  readonly cert?: Pem;
  /**
   * The certificate's private key.
   *
   * @default {none}
   */
  readonly key?: Pem;
  /**
   * Opens an encrypted key.
   *
   * @default {none}
   */
  readonly passphrase?: string;
}

/** What TLS takes, and what is known about it. */
export interface CheckedMaterial {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** When the client's certificate expires; `null` without one. */
  readonly expiry: Expiry | null;
}

const MAX_CHARACTERS = 1_048_576;
const CERTIFICATE = "certificates in PEM, -----BEGIN CERTIFICATE-----";

/**
 * Checks what a user or a provider gave.
 *
 * @throws {InputError} `INVALID_OPTION` for what does not parse or does not
 * belong together.
 */
export function checkedMaterial(given: TlsMaterial): CheckedMaterial {
  const { passphrase } = given;
  if (passphrase !== undefined && typeof passphrase !== "string") {
    throw refusal("passphrase", "a text", shorten(passphrase));
  }
  const identity = given.cert === undefined && given.key === undefined
    ? withoutIdentity(passphrase)
    : identityOf(given.cert, given.key, passphrase);
  const checked = { ...authoritiesOf(given.ca), ...identity };
  try {
    createSecureContext({ ...checked });
  } catch {
    const required = "certificates and a key that the TLS library accepts";
    throw refusal("cert", required, "too weak, or of an unknown kind");
  }
  return checked;
}

/**
 * Puts what a provider gave in the place of what was fixed. A certificate and
 * its key are replaced together.
 *
 * @throws {InputError} `INVALID_OPTION`, as {@link checkedMaterial}.
 */
export function renewed(
  fixed: CheckedMaterial,
  given: TlsMaterial | undefined,
): CheckedMaterial {
  if (given === undefined) return fixed;
  if (typeof given !== "object" || given === null) {
    throw refusal("tls", "an object", typeof given);
  }
  const { ca = fixed.ca } = given;
  const { cert, key, passphrase } = [given.cert, given.key, given.passphrase]
      .every((each) => each === undefined)
    ? fixed
    : given;
  return checkedMaterial({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

function authoritiesOf(ca: TlsMaterial["ca"]): { ca?: string[] } {
  if (ca === undefined) return {};
  const texts = (Array.isArray(ca) ? ca : [ca])
    .map((each) => textOf("ca", each));
  if (texts.length === 0 || !texts.every(certificatesIn)) {
    throw refusal("ca", CERTIFICATE, "what does not parse");
  }
  return { ca: texts };
}

function withoutIdentity(passphrase: string | undefined): { expiry: null } {
  if (passphrase === undefined) return { expiry: null };
  throw refusal("key", "given together with passphrase", "undefined");
}

function identityOf(
  givenCert: Pem | undefined,
  givenKey: Pem | undefined,
  passphrase: string | undefined,
): Omit<CheckedMaterial, "ca"> {
  if (givenKey === undefined || givenCert === undefined) {
    const field = givenKey === undefined ? "key" : "cert";
    const other = givenKey === undefined ? "cert" : "key";
    throw refusal(field, `given together with ${other}`, "undefined");
  }
  const cert = textOf("cert", givenCert);
  const [own] = certificatesIn(cert) ?? [];
  if (own === undefined) {
    throw refusal("cert", CERTIFICATE, "what does not parse");
  }
  const key = textOf("key", givenKey);
  if (!own.checkPrivateKey(privateKeyOf(key, passphrase))) {
    const required = "the private key of the first certificate in tls.cert";
    throw refusal("key", required, "the key of another one");
  }
  const opened = passphrase === undefined ? {} : { passphrase };
  return { cert, key, ...opened, expiry: expiryOf(own.validTo) };
}

function privateKeyOf(key: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined && key.includes("ENCRYPTED")) {
    const required = "given together with the encrypted key";
    throw refusal("passphrase", required, "undefined");
  }
  try {
    return createPrivateKey(
      passphrase === undefined ? key : { key, passphrase },
    );
  } catch {
    throw passphrase === undefined
      ? refusal("key", "a private key in PEM", "what does not parse")
      : refusal(
        "key",
        "a private key in PEM that tls.passphrase opens",
        "what does not parse or does not open",
      );
  }
}

function textOf(field: string, given: unknown): string {
  const text = given instanceof Uint8Array && given.length <= MAX_CHARACTERS
    ? new TextDecoder().decode(given)
    : given;
  if (typeof text === "string" && text.length <= MAX_CHARACTERS) return text;
  const found = typeof text === "string" ? "a longer text" : typeof text;
  const required = `in PEM, a text or bytes of at most ${MAX_CHARACTERS}`;
  throw refusal(field, required, found);
}

function refusal(name: string, required: string, found: string): InputError {
  const action = "set up TLS";
  const field = name === "tls" ? name : `tls.${name}`;
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
