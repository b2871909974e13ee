/**
 * What a subscribed consumer is told and says, and what it consumes.
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import * as v from "valibot";

/** One of the messages of a key, which are numbered from 1. */
export interface Wanted {
  readonly key: string;
  readonly n: number;
}

/** Asks for one row. */
export const effectWanted: EventDefinition<Wanted> = defineEvent(
  "effect.wanted",
  {
    schema: v.object({ key: v.string(), n: v.number() }),
    topic: ({ key }) => `effects/${key}`,
    key: ({ key }) => key,
  },
);

/** Where to consume from, and where to. */
export interface SubscribedOrder {
  /** The database file. */
  readonly path: string;
  readonly url: string;
  readonly protocol: 4 | 5;
  readonly seed: number;
}

/** What it says. */
export type SubscribedReport =
  | { readonly type: "ready" }
  | { readonly type: "connected" }
  /** The row is written; nothing is committed. */
  | { readonly type: "written"; readonly id: string }
  | { readonly type: "handled"; readonly id: string }
  | { readonly type: "duplicate" }
  /** A try failed. */
  | { readonly type: "failed"; readonly reason: string }
  /** The inbox saw a gap, or a message that came late. */
  | { readonly type: "disorder"; readonly id: string };
