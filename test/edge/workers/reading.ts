/**
 * The event of the cases.
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import { anything } from "../../support/schemas.ts";

/** A reading, of any shape; all are of one key. */
export const reading: EventDefinition<unknown> = defineEvent("meter.read", {
  schema: anything(),
  topic: "meters/m-1",
  key: "m-1",
});
