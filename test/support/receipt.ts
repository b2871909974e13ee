/**
 * A receipt: what a message says to whom it is delivered.
 *
 * @module
 */

import type { IPublishPacket } from "mqtt";

/** A message as a consumer sees it. */
export interface Receipt {
  readonly id: string;
  readonly key: string;
  readonly seq: number;
  readonly n: number;
  /** By the clock of `performance`. */
  readonly atMs: number;
}

/** What a PUBLISH says. */
export function receiptOf({ properties, payload }: IPublishPacket): Receipt {
  const attributes = { ...properties?.userProperties };
  return {
    id: String(attributes["id"]),
    key: String(attributes["partitionkey"]),
    seq: Number(attributes["sequence"]),
    n: Number(JSON.parse(String(payload))["n"]),
    atMs: performance.now(),
  };
}
