/**
 * Coverage: the rare situations that seeds must have reached together, or they
 * prove too little.
 *
 * @module
 */

/** What must have happened in at least one of a thousand seeds. */
export const REQUIRED_SITUATIONS: readonly string[] = [
  "acknowledgement after lease end",
  "acknowledged successor goes again",
  "acknowledgement lost",
  "backlog over batch",
  "blocked key with others flowing",
  "broker refused connection",
  "broker unreachable",
  "clock moved under mortal messages",
  "dead letter discarded",
  "dead letter retried",
  "drain ended: budget",
  "drain ended: empty",
  "drain ended: standby",
  "duplicate delivered",
  "expired in doubt",
  "expired unsent",
  "fenced settle refused",
  "killed with messages in flight",
  "lane rewound by a refusal",
  "lane rewound in doubt",
  "lease lost",
  "outage of a day",
  "poison condemned (explicit)",
  "poison condemned (silent)",
  "poison parked, lane held",
  "poison skipped",
  "refused, and goes again",
  "shutdown with messages in flight",
  "stall broken",
  "storage failed after its effect",
  "suspect cleared",
  "takeover by timeout",
  "window cut, and grown back",
];

/** How often each situation was reached, by name. */
export type Situations = Readonly<Record<string, number>>;

/** Situations that were reached in less than one of a thousand seeds. */
export function tooRare(situations: Situations, seeds: number): string[] {
  const required = Math.floor(seeds / 1_000);
  return REQUIRED_SITUATIONS.filter((name) =>
    (situations[name] ?? 0) < required
  );
}
