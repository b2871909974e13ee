/**
 * The two sides of an outbox as processes of their own.
 *
 * @module
 */

import type { RelayOrder, RelayReport } from "./children/relay_orders.ts";
import type { WriterOrder, WriterReport } from "./children/writer_orders.ts";
import { type Child, program } from "./program.ts";

/** A process that runs a relay. */
export type RelayProcess = Child<RelayOrder, RelayReport>;

/** A process that writes readings. */
export type WriterProcess = Child<WriterOrder, WriterReport>;

/** What starts a relay. Call it outside of tests. */
export function relayProgram(): () => Promise<RelayProcess> {
  return program("relay");
}

/** What starts a writer. Call it outside of tests. */
export function writerProgram(): () => Promise<WriterProcess> {
  return program("writer");
}
