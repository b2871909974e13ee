/**
 * The table of all mutants, by guarantee.
 *
 * @module
 */

import type { Guarantee, Mutant, Mutation } from "./mutant.ts";
import { atomic } from "./table/atomic.ts";
import { bounded } from "./table/bounded.ts";
import { fenced } from "./table/fenced.ts";
import { honest } from "./table/honest.ts";
import { isolated } from "./table/isolated.ts";
import { live } from "./table/live.ts";
import { lossless } from "./table/lossless.ts";
import { ordered } from "./table/ordered.ts";
import { outages } from "./table/outages.ts";
import { pipelined } from "./table/pipelined.ts";
import { suspected } from "./table/suspected.ts";

const tables: Readonly<Record<Guarantee, readonly Mutation[]>> = {
  G1: atomic,
  G2: lossless,
  G3: [...ordered, ...pipelined],
  G4: fenced,
  G5: [...isolated, ...suspected],
  G6: outages,
  G7: bounded,
  G8: live,
  G9: honest,
};

/** Every mutant. */
export const mutants: readonly Mutant[] = Object.entries(tables).flatMap(
  ([guarantee, mutations]) =>
    mutations.map((mutation) => ({
      guarantee: guarantee as Guarantee,
      ...mutation,
    })),
);
