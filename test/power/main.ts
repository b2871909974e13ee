/**
 * `npm run power -- --states N --cuts N`: cuts the power, and judges what is
 * left. Ends with 1 when a promise was broken or a control went unnoticed, and
 * with 2 when the command line makes no sense.
 *
 * @module
 */

import { readOrExit } from "../support/command_line.ts";
import { type Listener, runCampaign } from "./campaign.ts";
import { readOptions, USAGE } from "./options.ts";
import { lineOf, outcomeOf, reportOf } from "./report.ts";
import { Workspace } from "./workspace.ts";

const TELL_EVERY = 500;

const options = readOrExit(() =>
  readOptions(process.argv.slice(2), Date.now() % 2 ** 31)
);
if (options.help) {
  console.log(USAGE);
} else {
  const began = performance.now();
  const say = (text: string) => options.json || console.log(text);
  say(`Seed ${options.seed}`);
  const workspace = new Workspace();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => {
      workspace[Symbol.dispose]();
      process.exit(1);
    });
  }
  try {
    const series = await runCampaign(options, workspace, listener(say));
    const seconds = Math.round((performance.now() - began) / 1_000);
    if (options.json) console.log(lineOf(series, options, seconds));
    else console.log(`\n${reportOf(series)}\n${seconds} s`);
    const { violated, blind } = outcomeOf(series);
    if (violated.length + blind.length > 0) process.exitCode = 1;
  } finally {
    workspace[Symbol.dispose]();
  }
}

function listener(say: (text: string) => void): Listener {
  const counts = { replayed: 0, real: 0 };
  return {
    onCut(how) {
      counts[how] += 1;
      const isRound = counts[how] % (how === "real" ? 10 : TELL_EVERY) === 0;
      if (isRound) say(`${counts[how]} ${how}`);
    },
    onSeries: ({ how, trial, tally }) =>
      say(`${how}, ${trial.name}: ${tally.cuts} cuts, ${tally.guilty} guilty`),
    onSkipped: (why) =>
      console.error(`SKIPPED: no real power cuts here, as ${why}`),
  };
}
