/**
 * plainjob: its workers take one job at a time each. With one worker the order
 * is that of the jobs, with many there is none.
 *
 * @module
 */

import { eventOf, installed, type OpenPeer, type WithDefault } from "./peer.ts";

interface Plainjob {
  better(database: object): object;
  defineQueue(options: object): {
    add(type: string, data: unknown): unknown;
    close(): void;
  };
  defineWorker(
    type: string,
    work: (job: { readonly data: string }) => Promise<void>,
    options: object,
  ): { start(): Promise<void>; stop(): Promise<void> };
}

const SILENT = {
  error: console.error,
  warn: console.error,
  info: () => {},
  debug: () => {},
};

/** Opens a queue with so many workers. */
export function plainjob(workers: number): OpenPeer {
  return async ({ path, publish }) => {
    const { default: Database } = await installed<
      WithDefault<new (path: string) => object>
    >("better-sqlite3");
    const { better, defineQueue, defineWorker } = await installed<Plainjob>(
      "plainjob",
    );
    const connection = better(new Database(path));
    const queue = defineQueue({ connection, logger: SILENT });
    const work = async ({ data }: { readonly data: string }) => {
      const { n } = JSON.parse(data) as { readonly n: number };
      await publish(n);
    };
    const team = Array.from(
      { length: workers },
      () => defineWorker("publish", work, { queue, logger: SILENT }),
    );
    return {
      enqueue: (n) => queue.add("publish", eventOf(n)),
      start: () => team.forEach((worker) => void worker.start()),
      async stop() {
        await Promise.all(team.map((worker) => worker.stop()));
        queue.close();
      },
    };
  };
}
