/**
 * What the scenario asks of a queue.
 *
 * @module
 */

import { type Reading, readingOf } from "../reading.ts";

/** A queue on a database file of its own. */
export interface Peer {
  /** Stores event `n`, in a transaction of its own. */
  enqueue(n: number): unknown;
  /** Begins to publish what is stored; resolves when it has begun. */
  start(): unknown;
  /** Ends, after all of it was published. */
  stop(): unknown;
}

/** Where a queue is, and how it publishes. */
export interface PeerOptions {
  readonly path: string;
  readonly brokerUrl: string;
  /** Publishes event `n`; resolves with the acknowledgement. */
  readonly publish: (n: number) => Promise<unknown>;
}

/** Opens a queue. */
export type OpenPeer = (options: PeerOptions) => Promise<Peer>;

/**
 * Imports a package that is installed for the scenario only, so that the
 * compiler has never seen it.
 */
export async function installed<Module>(name: string): Promise<Module> {
  return await import(name) as Module;
}

/** Packages of the kind that only `require` finds have their export here. */
export interface WithDefault<Value> {
  readonly default: Value;
}

const KEYS = 1_000;

/** Event `n`: the same for everybody. */
export function eventOf(n: number): Reading {
  return readingOf(n, KEYS);
}
