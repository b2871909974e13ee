/**
 * A thread that runs batches of seeds, as it is told.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import { type BatchRequest, runBatch } from "./batch.ts";

parentPort?.on("message", (request: BatchRequest) => {
  void runBatch(request).then((batch) => parentPort?.postMessage(batch));
});
