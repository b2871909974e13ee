/**
 * The job of sidequest, which loads this file in each of its threads.
 *
 * @module
 */

import process from "node:process";
import { installed } from "./peer.ts";
import { type Publisher, publisherTo } from "./publisher.ts";

/** The variable of the environment that holds the broker's URL. */
export const BROKER_VARIABLE = "MAILBOAT_BENCH_BROKER";

interface Jobs {
  readonly Job: new () => object;
}

const { Job } = await installed<Jobs>("sidequest");

let publisher: Promise<Publisher> | undefined;

/** Publishes one event. */
export class PublishJob extends Job {
  /** Resolves with the acknowledgement. */
  async run(n: number): Promise<void> {
    publisher ??= publisherTo(process.env[BROKER_VARIABLE] ?? "");
    const { publish } = await publisher;
    await publish(n);
  }
}
