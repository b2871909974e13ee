/**
 * Runs seeds on several threads. Which thread runs a seed makes no difference.
 *
 * @module
 */

import { Worker } from "node:worker_threads";
import { type Batch, type BatchRequest, sum } from "./batch.ts";

/** How to run seeds side by side. */
export interface ParallelRequest extends BatchRequest {
  readonly workers: number;
  /** Told after every part. */
  readonly onProgress: (soFar: Batch, part: Batch) => void;
}

/** Seeds that a thread runs at a time. */
const PART = 250;
/** Space for what lives briefly: nearly everything does. */
const YOUNG_GENERATION_MB = 96;

/** Runs the seeds; rejects when a thread dies. */
export async function runParallel(request: ParallelRequest): Promise<Batch> {
  const { first, seeds, workers, onProgress } = request;
  const parts: BatchRequest[] = [];
  for (let done = 0; done < seeds; done += PART) {
    const part = { first: first + done, seeds: Math.min(PART, seeds - done) };
    parts.push({ ...part, without: request.without ?? [] });
  }
  let total: Batch = { seeds: 0, messages: 0, failures: [], situations: {} };
  const work = async () => {
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    try {
      for (let part = parts.shift(); part; part = parts.shift()) {
        const batch = await answerOf(worker, part);
        total = sum(total, batch);
        onProgress(total, batch);
      }
    } finally {
      await worker.terminate();
    }
  };
  const threads = Math.min(workers, parts.length);
  await Promise.all(Array.from({ length: threads }, work));
  return total;
}

function answerOf(worker: Worker, part: BatchRequest): Promise<Batch> {
  return new Promise((resolve, reject) => {
    worker.once("message", (batch: Batch) => {
      worker.off("error", reject);
      resolve(batch);
    });
    worker.once("error", reject);
    worker.postMessage(part);
  });
}
