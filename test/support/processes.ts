/**
 * The two sides of an outbox, and a consumer, as processes of their own.
 *
 * @module
 */

import type {
  ConsumerOrder,
  ConsumerReport,
} from "./children/consumer_orders.ts";
import type { RelayOrder, RelayReport } from "./children/relay_orders.ts";
import type { WriterOrder, WriterReport } from "./children/writer_orders.ts";
import type { StepOrder } from "./children/step_orders.ts";
import type { Child } from "./child.ts";
import { program } from "./program.ts";

/** A process that runs a relay. */
export type RelayProcess = Child<RelayOrder, RelayReport>;

/** A process that consumes messages. */
export type ConsumerProcess = Child<ConsumerOrder, ConsumerReport>;

/** A process that writes readings. */
export type WriterProcess = Child<WriterOrder, WriterReport>;

/** A process that writes readings when it is told to. */
export class SteppedWriter {
  readonly #process: Child<StepOrder | Database, { type: "done" }>;

  /** Takes over a process. */
  constructor(child: Child<StepOrder | Database, { type: "done" }>) {
    this.#process = child;
  }

  /** Takes one step. */
  async take(order: StepOrder | Database): Promise<void> {
    const done = this.#process.heard("done");
    this.#process.tell(order);
    await done;
  }

  /** Takes a whole transaction with one reading. */
  async commit(key: string, n: number): Promise<void> {
    await this.take({ step: "begin", mode: "write" });
    await this.take({ step: "write", key, n });
    await this.take({ step: "commit" });
  }
}

interface Database {
  readonly path: string;
}

/** What starts a writer that takes steps. Call it outside of tests. */
export function steppedWriterProgram(): (
  database: Database,
) => Promise<SteppedWriter> {
  const start = program<StepOrder | Database, { type: "done" }>(
    "stepwise_writer",
  );
  return async ({ path }) => {
    const writer = new SteppedWriter(await start());
    await writer.take({ path });
    return writer;
  };
}

/** What starts a relay. Call it outside of tests. */
export function relayProgram(): () => Promise<RelayProcess> {
  return program("relay");
}

/** What starts a writer. Call it outside of tests. */
export function writerProgram(): () => Promise<WriterProcess> {
  return program("writer");
}

/** What starts a consumer. Call it outside of tests. */
export function consumerProgram(): () => Promise<ConsumerProcess> {
  return program("consumer");
}
