/**
 * An object that runs conformance cases on its own database: each case has one
 * of its own.
 *
 * @module
 */

import { durableObjectStorage } from "@mailboat/outbox/durable-object";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { answer } from "./case_list.ts";
import { type Abroad, type ObjectStorage, within } from "./object_harness.ts";

interface Stub {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
}

interface Env {
  readonly BENCH: {
    idFromName(name: string): unknown;
    get(id: unknown): Stub;
  };
}

/** What one object asks of another in the same isolate, by a path. */
const visits = new Map<string, (tx: unknown) => Promise<void>>();

/** The object; those of a worker are bound as `BENCH`. */
export abstract class BenchObject {
  readonly #storage: ObjectStorage;
  readonly #env: Env;

  /** The platform makes it. */
  constructor(ctx: { readonly storage: ObjectStorage }, env: Env) {
    this.#storage = ctx.storage;
    this.#env = env;
  }

  /** Runs a case, or a visitor's work in a transaction of its own. */
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/abroad/")) {
      return await answer(request, this.cases(this.#storage, this.#abroad));
    }
    await durableObjectStorage(this.#storage).migrate();
    await within(this.#storage, new Set(), async (tx) => {
      await visits.get(pathname)?.(tx);
    });
    return new Response();
  }

  /** Lists the cases on its database. */
  protected abstract cases(
    database: ObjectStorage,
    abroad: Abroad,
  ): readonly ConformanceCase[];

  /** The handle is lent: whoever has it works here, while it is open there. */
  readonly #abroad: Abroad = async (work) => {
    const path = `/abroad/${crypto.randomUUID()}`;
    let lent: unknown = null;
    let isDone = false;
    visits.set(path, async (tx) => {
      lent = tx;
      while (!isDone) await new Promise((resolve) => setTimeout(resolve, 1));
    });
    const { BENCH } = this.#env;
    const visit = BENCH.get(BENCH.idFromName(path)).fetch(
      `http://bench${path}`,
    );
    try {
      while (lent === null) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return await work(lent as Parameters<typeof work>[0]);
    } finally {
      isDone = true;
      await visit;
      visits.delete(path);
    }
  };
}

/** A worker whose requests go to objects. */
export const toObjects: {
  fetch(request: Request, env: Env): Promise<Response>;
} = {
  fetch(request, { BENCH }) {
    const { pathname } = new URL(request.url);
    return BENCH.get(BENCH.idFromName(pathname)).fetch(request);
  },
};
