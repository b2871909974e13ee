/**
 * Code with its comments, texts and keywords marked: enough for the eye, and
 * done when the site is made, so that a page needs no script.
 *
 * @module
 */

const TS_WORDS = [
  "as async await break case catch class const continue declare default",
  "else export extends false finally for from function if import in interface",
  "let new null of readonly return satisfies static switch this throw true try",
  "type typeof undefined using void while",
].join(" ").split(" ").join("|");

const hashComment = String.raw`(?<comment>(?<=^|\s)#[^\n]*)`;
const text = String.raw`(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`;

const script = new RegExp(
  String.raw`(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)` +
    String.raw`|(?<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|` +
    "`(?:\\\\.|[^`\\\\])*`)" +
    String.raw`|(?<word>\b(?:${TS_WORDS})\b)`,
  "g",
);
const shell = new RegExp(`${hashComment}|${text}`, "gm");
const ini = new RegExp(
  String.raw`${hashComment}|(?<word>^\[\w+\]|^\w+(?==))`,
  "gm",
);
const docker = new RegExp(
  String.raw`${hashComment}|${text}|(?<word>^[A-Z]+\b|\bAS\b)`,
  "gm",
);
const json = new RegExp(text, "g");

const languages: Readonly<Record<string, RegExp>> = {
  ts: script,
  js: script,
  mjs: script,
  json,
  sh: shell,
  ini,
  dockerfile: docker,
};

const kinds = ["comment", "text", "word"] as const;

/** The HTML of a piece of code. */
export function highlighted(code: string, language: string): string {
  const pattern = languages[language];
  if (pattern === undefined) return escaped(code);
  let html = "";
  let at = 0;
  for (const { 0: found, index, groups = {} } of code.matchAll(pattern)) {
    const kind = kinds.find((one) => groups[one] !== undefined);
    html += escaped(code.slice(at, index));
    html += `<span class="${kind}">${escaped(found)}</span>`;
    at = index + found.length;
  }
  return html + escaped(code.slice(at));
}

/** A text as HTML, also within quotes. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
