/**
 * Credentials: who connects. They may expire, so there is always a function to
 * ask for them.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import type { TlsMaterial } from "./tls_material.ts";
import { stringFault } from "./utf8_string.ts";

/** A user name and a password. */
export interface Credentials {
  /** The user name, of at most 65,535 bytes. */
  readonly username?: string;
  /** The password or token; only together with a user name. */
  readonly password?: string;
}

/** Credentials as a provider gives them: certificates and keys may rotate too. */
export interface ProvidedCredentials extends Credentials {
  /** In place of those in the option `tls`; a certificate goes with its key. */
  readonly tls?: TlsMaterial;
}

/** Gives the credentials for one connection; `signal` aborts when it is given up. */
export type CredentialsProvider = (
  request: { readonly signal: AbortSignal },
) => ProvidedCredentials | PromiseLike<ProvidedCredentials>;

/** Where credentials may come from, beside the URL. */
export interface CredentialsOptions extends Credentials {
  readonly credentials?: CredentialsProvider;
}

/**
 * Returns the provider that the options name, or one for fixed credentials;
 * options go before the URL.
 *
 * @throws {InputError} `INVALID_OPTION`; it shows neither name nor password.
 */
export function providerOf(
  options: CredentialsOptions,
  inUrl: Credentials,
): CredentialsProvider {
  const fixed = {
    username: options.username ?? inUrl.username,
    password: options.password ?? inUrl.password,
  };
  const { credentials: provider } = options;
  if (provider === undefined) {
    const checked = checkedCredentials(fixed);
    return () => checked;
  }
  if (typeof provider !== "function") {
    throw refusal("credentials", "a function", shorten(provider));
  }
  if (fixed.username !== undefined || fixed.password !== undefined) {
    const required = "given without user name and password";
    throw refusal("credentials", required, "given together with them");
  }
  return provider;
}

/**
 * Checks what a user or a provider gave.
 *
 * @throws {InputError} `INVALID_OPTION`; it shows neither name nor password.
 */
export function checkedCredentials(
  { username, password }: {
    readonly username?: string | undefined;
    readonly password?: string | undefined;
  },
): Credentials {
  for (const [field, value] of Object.entries({ username, password })) {
    const fault = value === undefined ? null : stringFault(value);
    if (fault !== null) {
      throw refusal(field, "fit for the wire", `one that ${fault}`);
    }
  }
  if (password === undefined) return username === undefined ? {} : { username };
  if (username !== undefined) return { username, password };
  // MQTT 3.1.1 forbids it (§3.1.2.9), and few brokers of MQTT 5 expect it.
  throw refusal("username", "given together with password", "undefined");
}

function refusal(field: string, required: string, found: string): InputError {
  const action = "connect over MQTT";
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
