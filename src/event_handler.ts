/**
 * Event handlers: what a consumer does about one kind of event.
 *
 * @module
 */

import { InputError, shorten } from "./errors.ts";
import type { EventDefinition } from "./event.ts";
import type { ReceivedEvent } from "./logic/received_event.ts";
import type { StandardSchema } from "./standard_schema.ts";

/** An event whose data has passed the schema of its definition. */
export interface ConsumedEvent<Data> extends Omit<ReceivedEvent, "data"> {
  /** The schema's output. */
  readonly data: Data;
}

/** A handler in two steps; the first may take its time. */
export interface TwoSteps<Tx, Data, Prepared> {
  /**
   * Done before the transaction begins, for several keys at a time: calls to
   * others, computation. It may be repeated, as nothing records it.
   */
  prepare(event: ConsumedEvent<Data>): Promise<Prepared> | Prepared;
  /** Done once per event, in the transaction that records it. */
  act(
    tx: Tx,
    event: ConsumedEvent<Data>,
    prepared: Prepared,
  ): Promise<void> | void;
}

/** A handler in one step, in the transaction that records the event. */
export type OneStep<Tx, Data> = (
  tx: Tx,
  event: ConsumedEvent<Data>,
) => Promise<void> | void;

/** What a consumer does about the events of one definition. */
export interface EventHandler<Tx> {
  /** The name of the event definition. */
  readonly event: string;
  /** What the data must look like. */
  readonly schema: StandardSchema;
  /** Both steps; data that the schema let pass. */
  readonly steps: TwoSteps<Tx, unknown, unknown>;
}

/** Makes handlers whose transactions are of one type; see {@link onEvent}. */
export type OnEvent<Tx> = <Input, Output, Prepared = undefined>(
  definition: EventDefinition<Input, Output>,
  handler: OneStep<Tx, Output> | TwoSteps<Tx, Output, Prepared>,
) => EventHandler<Tx>;

/**
 * Says what to do about the events of one definition: in one step, or in two,
 * of which the first runs outside the transaction.
 *
 * The data is validated against the definition's schema, which must therefore
 * accept what it produces, written as JSON: a schema that makes a `Date` of a
 * text must accept the text again.
 *
 * @throws {InputError} `INVALID_EVENT` for what is no event definition,
 * `INVALID_OPTION` for what is no handler.
 */
export function onEvent<Tx, Input, Output, Prepared = undefined>(
  definition: EventDefinition<Input, Output>,
  handler: OneStep<Tx, Output> | TwoSteps<Tx, Output, Prepared>,
): EventHandler<Tx> {
  const event: unknown = definition?.name;
  if (typeof definition !== "function" || typeof event !== "string") {
    throw new InputError("INVALID_EVENT", {
      action: "handle an event",
      field: "the first argument",
      required: "an event definition",
      found: shorten(definition),
    });
  }
  const steps = stepsOf(handler);
  if (steps === null) {
    throw new InputError("INVALID_OPTION", {
      action: `handle ${event}`,
      field: "the second argument",
      required: "a function, or an object with prepare and act",
      found: shorten(handler),
    });
  }
  const { schema } = definition;
  return {
    event,
    schema: schema as StandardSchema,
    steps: steps as TwoSteps<Tx, unknown, unknown>,
  };
}

function stepsOf<Tx, Output, Prepared>(
  handler: OneStep<Tx, Output> | TwoSteps<Tx, Output, Prepared>,
): TwoSteps<Tx, Output, unknown> | null {
  if (typeof handler === "function") {
    return { prepare: () => undefined, act: handler };
  }
  const { prepare, act } = handler ?? {};
  const isOne = typeof prepare === "function" && typeof act === "function";
  return isOne
    ? {
      prepare: (event) => handler.prepare(event),
      act: (tx, event, prepared) =>
        handler.act(tx, event, prepared as Prepared),
    }
    : null;
}
