/**
 * The broker's address, taken apart so that its secrets go to the broker only.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import type { Credentials } from "./credentials.ts";

/** Where the broker is. */
export interface Address {
  readonly protocol: "mqtt" | "mqtts" | "ws" | "wss";
  /** A host name or an address; IPv6 as the protocol wants it. */
  readonly host: string;
  /** `undefined` for the protocol's usual port. */
  readonly port: number | undefined;
  /** Path and query, for WebSockets. */
  readonly path: string | undefined;
  /** What the URL says about the user. */
  readonly credentials: Credentials;
  /** The address without credentials and query. */
  readonly name: string;
  /** What must appear nowhere. */
  readonly secrets: readonly string[];
}

/**
 * Takes a broker's URL apart.
 *
 * @throws {InputError} `INVALID_OPTION`; the error does not show the URL's secrets.
 */
export function addressOf(url: string): Address {
  const parsed = parse(url);
  const protocol = parsed && protocolOf(parsed);
  if (!parsed || !protocol || parsed.hostname === "" || parsed.port === "0") {
    throw refusal(
      "a URL mqtt://host, mqtts://host, ws://host or wss://host",
      url,
    );
  }
  const { hostname, port, pathname, search, hash } = parsed;
  const isWeb = protocol === "ws" || protocol === "wss";
  const hasPath = search !== "" || !["", "/"].includes(pathname);
  if (hash !== "" || (hasPath && !isWeb)) {
    throw refusal("a URL without path, query and fragment, unless for ws", url);
  }
  const credentials = credentialsOf(parsed);
  if (credentials === null) {
    throw refusal("a URL whose user and password are well-formed", url);
  }
  return {
    protocol,
    host: isWeb ? hostname : hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? undefined : Number(port),
    path: isWeb ? pathname + search : undefined,
    credentials,
    name: `${protocol}://${parsed.host}${pathname === "/" ? "" : pathname}`,
    secrets: secretsOf(parsed, credentials),
  };
}

const PROTOCOLS = ["mqtt", "mqtts", "ws", "wss"] as const;

/** More than any broker's; to take a URL apart is slow. */
const MAX_CHARACTERS = 65_535;

function parse(url: unknown): URL | null {
  if (typeof url !== "string" || url.length > MAX_CHARACTERS) return null;
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

function protocolOf(url: URL): Address["protocol"] | undefined {
  return PROTOCOLS.find((protocol) => url.protocol === `${protocol}:`);
}

function credentialsOf(url: URL): Credentials | null {
  try {
    const [username, password] = [url.username, url.password]
      .map(decodeURIComponent);
    return {
      ...(username ? { username } : {}),
      ...(password ? { password } : {}),
    };
  } catch {
    return null;
  }
}

function secretsOf(url: URL, { username, password }: Credentials): string[] {
  const query = [...url.searchParams.values(), url.search.slice(1)];
  return [url.username, url.password, username, password, ...query]
    .filter((secret): secret is string => !!secret);
}

function refusal(required: string, url: unknown): InputError {
  return new InputError("INVALID_OPTION", {
    action: "connect over MQTT",
    field: "url",
    required,
    found: typeof url === "string" ? shorten(redacted(url)) : shorten(url),
  });
}

/**
 * A URL that may not be one: everything up to the last @ behind the scheme may
 * be a password, everything behind a ? or # a token.
 */
function redacted(url: string): string {
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is
    .exec(url) ?? [];
  const at = rest.lastIndexOf("@");
  const behind = at < 0 ? rest : `***@${rest.slice(at + 1)}`;
  return scheme + behind.replace(/[?#].*$/s, (tail) => `${tail[0]}***`);
}
