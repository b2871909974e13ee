/**
 * The screen: events as they happen, and below them the present state.
 *
 * @module
 */

/** Where the screen is; `process.stdout` fits. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** What is shown all the time. */
export interface Situation {
  readonly committed: number;
  readonly delivered: number;
  readonly backlog: number;
  readonly duplicates: number;
  readonly rolledBack: number;
  /** How long the oldest reading has been under way, in ms. */
  readonly oldestMs: number;
  /** What is broken right now, or `null`. */
  readonly broken: string | null;
}

/** How to take a line. */
export type Mood = "plain" | "bad" | "good";

/** Shows what happens. */
export interface Screen {
  /** Shows one event. */
  say(text: string, mood?: Mood): void;
  /** Shows text as it is. */
  print(text: string): void;
  /** Shows the situation for the last time. */
  close(): void;
}

const REDRAW_MS = 250;
const LINE_EVERY_MS = 2_000;
const HISTORY = 40;
const BARS = "▁▂▃▄▅▆▇█";
const MARKS = { plain: "·", bad: "✗", good: "✓" };
const COLOURS = { plain: "2", bad: "31", good: "32" };

/** A screen that shows nothing. */
export function blankScreen(): Screen {
  return { say: () => {}, print: () => {}, close: () => {} };
}

/** A screen on a terminal; where there is none, plain lines from time to time. */
export function createScreen(options: {
  readonly terminal: Terminal;
  readonly colours: boolean;
  readonly situation: () => Situation;
}): Screen {
  const { terminal, situation } = options;
  const isLive = terminal.isTTY === true;
  const paint = options.colours && isLive ? painted : (text: string) => text;
  const startedAtMs = performance.now();
  const backlogs: number[] = [];
  let drawn = 0;

  const clock = () => seconds(performance.now() - startedAtMs).padStart(7);
  const print = (text: string): void => {
    terminal.write(`${isLive ? cleared(drawn) : ""}${text}\n`);
    drawn = 0;
  };
  const draw = (): void => {
    const now = situation();
    const { committed, delivered, duplicates, rolledBack, oldestMs } = now;
    const done = `committed ${committed}   delivered ${delivered}   ` +
      `duplicates ${duplicates}   rolled back ${rolledBack}`;
    const due = `backlog ${now.backlog}   oldest ${seconds(oldestMs)}`;
    if (!isLive) return print(`${clock()}  ${done}   ${due}${trouble(now)}`);
    const state = now.broken === null
      ? paint("all is well", "good")
      : paint(`broken: ${now.broken}`, "bad");
    const lines = [
      "",
      `${clock()}  ${done}`,
      `         ${due}   ${bars(backlogs)}`,
      `         ${state}`,
    ];
    print(lines.join("\n"));
    drawn = lines.length;
  };
  const timer = setInterval(() => {
    backlogs.push(situation().backlog);
    if (backlogs.length > HISTORY) backlogs.shift();
    draw();
  }, isLive ? REDRAW_MS : LINE_EVERY_MS);

  return {
    print,
    say(text, mood = "plain") {
      print(`${clock()}  ${paint(MARKS[mood], mood)} ${paint(text, mood)}`);
      if (isLive) draw();
    },
    close() {
      clearInterval(timer);
      if (isLive) draw();
    },
  };
}

function trouble({ broken }: Situation): string {
  return broken === null ? "" : `   broken: ${broken}`;
}

function bars(values: readonly number[]): string {
  const most = Math.max(...values, BARS.length);
  return values
    .map((value) => BARS[Math.round((value / most) * (BARS.length - 1))])
    .join("");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function painted(text: string, mood: Mood): string {
  return `\x1b[${COLOURS[mood]}m${text}\x1b[0m`;
}

/** Takes back the lines drawn last. */
function cleared(lines: number): string {
  return lines === 0 ? "" : `\x1b[${lines}A\x1b[0J`;
}
