/**
 * Schemas that let everything pass.
 *
 * @module
 */

import type { StandardSchema } from "@mailboat/outbox";

/** At once. */
export function anything<Data = unknown>(): StandardSchema<Data> {
  const validate = (value: unknown) => ({ value: value as Data });
  return { "~standard": { version: 1, vendor: "test", validate } };
}

/** Later. */
export function later<Data = unknown>(): StandardSchema<Data> {
  const validate = (value: unknown) =>
    Promise.resolve({ value: value as Data });
  return { "~standard": { version: 1, vendor: "test", validate } };
}
