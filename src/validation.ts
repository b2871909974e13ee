/**
 * Validation: drafts against the schemas of their event definitions, at once
 * or, for schemas that take their time, later.
 *
 * @module
 */

import { type Definition, Draft } from "./draft.ts";
import type { Validated } from "./envelope.ts";
import { InputError } from "./errors.ts";
import { isThenable, kindOf } from "./logic/kind.ts";
import { outputOf } from "./logic/schema.ts";

/**
 * Validates drafts in order. It waits only for schemas that return a promise,
 * so that calls with plain schemas do not overtake each other.
 *
 * @throws {InputError} for the first draft that does not pass.
 */
export async function validated(
  drafts: readonly Draft[],
): Promise<readonly Validated[]> {
  const all: Validated[] = [];
  for (const one of drafts.map(opened)) {
    const result = begun(one);
    all.push(
      passed(one, isThenable(result) ? await ended(one, result) : result),
    );
  }
  return all;
}

/**
 * Validates drafts in order, at once.
 *
 * @throws {InputError} for the first draft that does not pass, `INVALID_EVENT`
 * when its schema returns a promise.
 */
export function validatedSync(drafts: readonly Draft[]): readonly Validated[] {
  return drafts.map(opened).map((one) => {
    const result = begun(one);
    if (!isThenable(result)) return passed(one, result);
    result.then(undefined, () => {});
    throw new InputError("INVALID_EVENT", {
      action: one.action,
      field: "schema",
      required: "synchronous, as the storage is",
      found: "a schema that returns a promise",
    });
  });
}

type Opened = Omit<Validated, "output">;

function opened(draft: Draft): Opened {
  const definition: Definition | null = Draft.definitionOf(draft);
  if (definition !== null) {
    return { action: `enqueue ${definition.event}`, draft, definition };
  }
  throw new InputError("INVALID_EVENT", {
    action: "enqueue",
    field: "each draft",
    required: "what an event definition returns when it is called",
    found: kindOf(draft),
  });
}

function begun(one: Opened): unknown {
  try {
    return one.definition.schema["~standard"].validate(one.draft.data);
  } catch (cause) {
    throw failed(one, cause);
  }
}

async function ended(one: Opened, result: PromiseLike<unknown>) {
  try {
    return await result;
  } catch (cause) {
    throw failed(one, cause);
  }
}

function failed({ action }: Opened, cause: unknown): InputError {
  return new InputError("INVALID_PAYLOAD", {
    action,
    field: "payload",
    required: "validated without an exception",
    found: "an exception",
    cause,
  });
}

function passed(
  { action, draft, definition }: Opened,
  result: unknown,
): Validated {
  const output = outputOf({ action, data: draft.data, result });
  return { action, draft, definition, output };
}
