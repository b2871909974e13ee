/**
 * The programs in a Markdown page.
 *
 * A block fenced as `ts` is a module of its own; with the word `continued` it
 * goes on where the block before it stopped. A comment that begins with `ts`
 * (`<!-- ts`, lines, `-->`) is a block that readers do not see. Further words
 * name a block: `ts quickstart`, and `text quickstart` for what it prints.
 *
 * @module
 */

/** One block of a page. */
export interface Block {
  readonly language: string;
  /** The words after the language. */
  readonly words: readonly string[];
  /** The line of the first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** One module, of one or more blocks. */
export interface Program {
  /** Unique in a set of pages, and tells where it comes from. */
  readonly name: string;
  readonly words: readonly string[];
  /** The code; each line has the number it has in the page. */
  readonly code: string;
}

/** The blocks of a page, in order. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split("\n");
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const opening = /^\s*(`{3,}|<!--) *(\w+)(.*)$/.exec(lines[at++]!);
    if (!opening) continue;
    const [, mark, language, words] = opening as unknown as string[];
    const closing = mark === "<!--" ? "-->" : mark!;
    const end = lines.findIndex((line, index) =>
      index >= at && line.trim() === closing
    );
    // A comment on one line opens nothing.
    if (end < 0 || words!.includes("-->")) continue;
    blocks.push({
      language: language!,
      words: words!.split(/\s+/).filter((word) => word !== ""),
      line: at + 1,
      code: lines.slice(at, end).join("\n"),
    });
    at = end + 1;
  }
  return blocks;
}

/** The TypeScript programs of a page. */
export function programsOf(page: string, markdown: string): Program[] {
  const programs: { name: string; words: string[]; blocks: Block[] }[] = [];
  for (const block of blocksOf(markdown)) {
    if (block.language !== "ts") continue;
    const last = programs.at(-1);
    if (block.words.includes("continued")) {
      if (!last) throw new Error(`${page}:${block.line} continues nothing`);
      last.blocks.push(block);
    } else {
      const name = `${page.replace(/\W+/g, "_")}_${block.line}`;
      programs.push({ name, words: [...block.words], blocks: [block] });
    }
  }
  return programs.map(({ name, words, blocks }) => ({
    name,
    words,
    code: inPlace(blocks),
  }));
}

/** Puts every block at the line it has in the page, so that errors say where. */
function inPlace(blocks: readonly Block[]): string {
  const lines: string[] = [];
  for (const { line, code } of blocks) {
    while (lines.length < line - 1) lines.push("");
    lines.push(...code.split("\n"));
  }
  // Without an import or export it would be a script, sharing its names.
  return `${lines.join("\n")}\nexport {};\n`;
}

/** Whether a program printed what the page says; `…` stands for anything. */
export function matches(expected: string, printed: string): boolean {
  const pattern = expected.trim().split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^\\n]*");
  return new RegExp(`^${pattern}$`).test(printed.trim());
}
