/**
 * Cases that a worker lists and runs, as tests of their own.
 *
 * @module
 */

import { test } from "vitest";
import type { Miniflare } from "../../examples/stage/workerd.ts";

/** Makes a test of each case. */
export async function testCases(worker: Miniflare): Promise<void> {
  const list = await worker.dispatchFetch("http://cases/");
  const names = await list.json() as readonly string[];
  if (names.length === 0) throw new Error("a list without cases");
  names.forEach((name, at) =>
    test(name, async () => {
      const response = await worker.dispatchFetch(`http://cases/${at}`, {
        method: "POST",
      });
      const error = await response.json() as string | null;
      if (error !== null) throw new Error(error);
    })
  );
}
