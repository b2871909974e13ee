/**
 * Where connections go: to the address that was given, and once to another one
 * after a broker has named it (MQTT 5 §4.11).
 *
 * @module
 */

import type { Address } from "./address.ts";

/** Whether a broker may send its clients elsewhere. */
export type Redirects = "follow" | "refuse";

/** The way to the broker. */
export class Route {
  readonly #home: Address;
  readonly #redirects: Redirects;
  #detour: Address | null = null;

  /** Begins at an address. */
  constructor(home: Address, redirects: Redirects) {
    this.#home = home;
    this.#redirects = redirects;
  }

  /** Where the next connection goes; after a detour, back. */
  next(): Address {
    const address = this.#detour ?? this.#home;
    this.#detour = null;
    return address;
  }

  /** Whether an address is the one that was given. */
  isHome(address: Address): boolean {
    return address === this.#home;
  }

  /**
   * Notes where the broker at `from` sends us. Returns whether the next
   * connection goes there: not where that is forbidden, not from one detour to
   * the next, and not without a usable reference.
   */
  follow(reference: string | undefined, from: Address): boolean {
    if (this.#redirects === "refuse" || !this.isHome(from)) return false;
    const other = (reference ?? "").split(" ")
      .map((each) => placeOf(each, from))
      .find((place) => place !== null && !isAt(place, from));
    if (!other) return false;
    const { host, port } = other;
    const shown = host.includes(":") && !host.startsWith("[")
      ? `[${host}]`
      : host;
    const name = `${from.protocol}://${shown}${port ? `:${port}` : ""}`;
    this.#detour = { ...from, host, port, name };
    return true;
  }
}

/** A host, and a port if it is not the protocol's usual one. */
type Place = Pick<Address, "host" | "port">;

/** `host`, `host:port`, `[address]` or `[address]:port`, and nothing else. */
const PLACE =
  /^(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?))(?::([1-9]\d{0,4}))?$/i;

const MAX_HOST_CHARACTERS = 253;
const MAX_PORT = 65_535;

function placeOf(
  reference: string,
  { protocol }: Address,
): Place | null {
  const [, v6, name, digits] = PLACE.exec(reference) ?? [];
  if (v6 !== undefined && !URL.canParse(`ws://[${v6}]`)) return null;
  const isWeb = protocol === "ws" || protocol === "wss";
  const host = v6 !== undefined && isWeb ? `[${v6}]` : v6 ?? name;
  if (host === undefined || host.length > MAX_HOST_CHARACTERS) return null;
  const port = digits === undefined ? undefined : Number(digits);
  return port !== undefined && port > MAX_PORT ? null : { host, port };
}

function isAt({ host, port }: Place, address: Address): boolean {
  return host.toLowerCase() === address.host.toLowerCase() &&
    port === address.port;
}
