/**
 * Rounds: everybody runs once in each, so that a disturbance that lasts hits
 * all of them and not the one that happened to run.
 *
 * @module
 */

/** Somebody who runs: makes its own preparations, and measures itself. */
export type Contestant<Result> = readonly [
  name: string,
  run: () => Promise<Result>,
];

/** How the rounds are held. */
export interface RoundsOptions<Result> {
  /** How many count. */
  readonly rounds: number;
  /** Those who run. */
  readonly contestants: readonly Contestant<Result>[];
  /**
   * Whether a round goes before that does not count, for caches and compilers.
   *
   * @default {true}
   */
  readonly warmUp?: boolean;
  /** Told before each run. */
  readonly note: (progress: string) => void;
}

/** The results of a contestant, one for each round. */
export type ResultsOf<Result> = (name: string) => readonly Result[];

/** Holds the rounds. Each begins with another contestant: nobody always follows the same. */
export async function inRounds<Result>(
  { rounds, contestants, warmUp = true, note }: RoundsOptions<Result>,
): Promise<ResultsOf<Result>> {
  const results = new Map(contestants.map(([name]) => [name, [] as Result[]]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    const first = round % contestants.length;
    for (
      const [name, run] of [
        ...contestants.slice(first),
        ...contestants.slice(0, first),
      ]
    ) {
      note(`${round === 0 ? "warm-up" : `round ${round}/${rounds}`}: ${name}`);
      const result = await run();
      if (round > 0) results.get(name)?.push(result);
    }
  }
  return (name) => {
    const found = results.get(name);
    if (found === undefined) throw new Error(`Nobody is called ${name}`);
    return found;
  };
}
