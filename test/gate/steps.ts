/**
 * The steps of the release gate: everything that is run at length.
 *
 * @module
 */

/** One command. */
export interface Step {
  /** Whose script it is. */
  readonly script: string;
  readonly args: readonly string[];
}

/** The steps at a scale; 1 is the full length. */
export function stepsAt(scale: number): Step[] {
  const times = (count: number) =>
    String(Math.max(1, Math.ceil(count * scale)));
  const minutes = (count: number) => String(Math.max(0.5, count * scale));
  return [
    { script: "test", args: [] },
    { script: "simulate", args: ["--seeds", times(1_000_000)] },
    { script: "simulate", args: ["--exhaustive"] },
    { script: "mutants", args: [] },
    {
      script: "power",
      args: ["--states", times(10_000), "--cuts", times(100)],
    },
    {
      script: "fuzz",
      args: ["--inputs", times(500_000), "--damages", times(10_000)],
    },
    { script: "chaos", args: ["--minutes", minutes(60)] },
    { script: "chaos", args: ["--minutes", "1", "--control", "mark-first"] },
    { script: "chaos", args: ["--minutes", "1", "--control", "no-fence"] },
  ];
}
