/**
 * The navigation: the sections of the home page and the pages that they list.
 *
 * @module
 */

import { posix } from "node:path";
import { lexer, type Token, type Tokens } from "marked";

/** A page by the name that it is listed under. */
export interface Entry {
  readonly name: string;
  /** The path of its Markdown in the repository. */
  readonly path: string;
}

/** A section of the home page. */
export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** Reads the sections of a home page that list pages. */
export function navigationOf(home: string, markdown: string): Section[] {
  const sections: { title: string; entries: Entry[] }[] = [];
  for (const token of lexer(markdown)) {
    if (token.type === "heading" && token["depth"] === 2) {
      sections.push({ title: String(token["text"]), entries: [] });
    } else if (token.type === "list") {
      sections.at(-1)?.entries.push(...entriesOf(home, token as Tokens.List));
    }
  }
  return sections.filter(({ entries }) => entries.length > 0);
}

/** The first link of every item. */
function entriesOf(home: string, { items }: Tokens.List): Entry[] {
  return items.flatMap((item) => {
    const link = linkIn(item.tokens);
    if (link === undefined || /^[a-z]+:/.test(link.href)) return [];
    const path = posix.join(posix.dirname(home), link.href);
    return [{ name: link.text, path }];
  });
}

function linkIn(tokens: readonly Token[]): Tokens.Link | undefined {
  for (const token of tokens) {
    if (token.type === "link") return token as Tokens.Link;
    const within = "tokens" in token ? linkIn(token.tokens ?? []) : undefined;
    if (within !== undefined) return within;
  }
  return undefined;
}
