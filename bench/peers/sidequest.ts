/**
 * sidequest: jobs run in threads, so many at a time, in no order.
 *
 * @module
 */

import process from "node:process";
import { installed, type OpenPeer } from "./peer.ts";

interface Sidequest {
  readonly Sidequest: {
    configure(options: object): Promise<unknown>;
    start(options: object): Promise<void>;
    stop(): Promise<void>;
    build(job: object): { enqueue(n: number): Promise<unknown> };
  };
}

/** Opens a queue with so many jobs at a time. */
export function sidequest(concurrency: number): OpenPeer {
  return async ({ path, brokerUrl }) => {
    const { Sidequest } = await installed<Sidequest>("sidequest");
    const { BROKER_VARIABLE, PublishJob } = await import("./publish_job.ts");
    // The threads have the environment, and nothing else of ours.
    process.env[BROKER_VARIABLE] = brokerUrl;
    const options = {
      backend: { driver: "@sidequest/sqlite-backend", config: path },
      queues: [{ name: "default", concurrency }],
      jobPollingInterval: 20,
      logger: { level: "error" },
      dashboard: { enabled: false },
    };
    await Sidequest.configure(options);
    return {
      enqueue: (n) => Sidequest.build(PublishJob).enqueue(n),
      start: () => Sidequest.start(options),
      stop: () => Sidequest.stop(),
    };
  };
}
