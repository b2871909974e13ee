/**
 * The conformance cases inside a Durable Object: each runs in an object of its
 * own, on that object's database.
 *
 * @module
 */

import { durableObjectStorage } from "@mailboat/outbox/durable-object";
import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import { answer } from "./case_list.ts";
import { objectCases } from "./object_own_cases.ts";
import {
  type Abroad,
  objectHarness,
  type ObjectStorage,
  within,
} from "./object_harness.ts";

interface Stub {
  fetch(request: Request | string, init?: RequestInit): Promise<Response>;
}

interface Env {
  readonly BENCH: {
    idFromName(name: string): unknown;
    get(id: unknown): Stub;
  };
}

/** As often as it takes to see that relays race. */
const RACES = 200;

/** What one object asks of another in the same isolate, by a number. */
const visits = new Map<string, (tx: unknown) => Promise<void>>();

/** The object. */
export class Bench {
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
      return await answer(request, this.#cases());
    }
    await durableObjectStorage(this.#storage).migrate();
    await within(this.#storage, new Set(), async (tx) => {
      await visits.get(pathname)?.(tx);
    });
    return new Response();
  }

  #cases(): readonly ConformanceCase[] {
    const create = objectHarness(this.#storage, this.#abroad);
    return [
      ...storageConformance({ create, races: RACES }),
      ...inboxConformance({ create }),
      ...letterConformance({ create }),
      ...objectCases(this.#storage),
    ];
  }

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

export default {
  /** Each case has an object of its own. */
  fetch(request: Request, { BENCH }: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    return BENCH.get(BENCH.idFromName(pathname)).fetch(request);
  },
};
