/**
 * liteque: one runner with so many jobs at a time, in no order.
 *
 * @module
 */

import type { Reading } from "../reading.ts";
import { eventOf, installed, type OpenPeer } from "./peer.ts";

interface Liteque {
  buildDBClient(path: string, options: object): object;
  readonly SqliteQueue: new (name: string, db: object, options: object) => {
    enqueue(data: Reading): Promise<unknown>;
  };
  readonly Runner: new (
    queue: object,
    functions: {
      run(job: { readonly data: Reading }): Promise<void>;
      onError(job: { readonly error: Error }): Promise<void>;
    },
    options: object,
  ) => { run(): Promise<void>; stop(): void };
}

/** Opens a queue with so many jobs at a time. */
export function liteque(concurrency: number): OpenPeer {
  return async ({ path, publish }) => {
    const { buildDBClient, SqliteQueue, Runner } = await installed<Liteque>(
      "liteque",
    );
    const db = buildDBClient(path, { runMigrations: true, walEnabled: true });
    const queue = new SqliteQueue("publish", db, {
      defaultJobArgs: { numRetries: 2 },
      keepFailedJobs: false,
    });
    const runner = new Runner(
      queue,
      {
        async run({ data }) {
          await publish(data.n);
        },
        onError: ({ error }) => Promise.reject(error),
      },
      { concurrency, pollIntervalMs: 10, timeoutSecs: 60 },
    );
    let running: Promise<void> | undefined;
    return {
      enqueue: (n) => queue.enqueue(eventOf(n)),
      start() {
        running = runner.run();
      },
      async stop() {
        runner.stop();
        await running;
      },
    };
  };
}
