/**
 * A Markdown page as HTML.
 *
 * @module
 */

import { Marked, type RendererObject, type Token, type Tokens } from "marked";
import { posix } from "node:path";
import { addressOf, between, isPicture } from "./address.ts";
import { escaped, highlighted } from "./highlight.ts";
import type { Repository } from "./repository.ts";

/** A heading of a page, below its title. */
export interface Heading {
  readonly depth: number;
  readonly id: string;
  /** What it says, as HTML without links. */
  readonly html: string;
}

/** What is made of a Markdown file. */
export interface Article {
  /** The first heading, as plain text. */
  readonly title: string;
  /** The first paragraph, as plain text. */
  readonly summary: string;
  readonly html: string;
  readonly headings: readonly Heading[];
  /** Files and folders of the repository that it leads to. */
  readonly targets: readonly string[];
}

/** Where a page is read from, and what is around it. */
export interface ArticleRequest {
  readonly path: string;
  readonly markdown: string;
  readonly repository: Repository;
}

/** Renders one page. */
export function articleOf(request: ArticleRequest): Article {
  const place = new Place(request);
  const marked = new Marked({ renderer: rendererOf(place) });
  const tokens = marked.lexer(request.markdown);
  const first = (type: string) => tokens.find((token) => token.type === type);
  return {
    title: plain(first("heading")),
    summary: plain(first("paragraph")),
    html: marked.parser(tokens),
    headings: place.headings,
    targets: [...place.targets],
  };
}

/** The page that is rendered: its links lead from there, its ids are its own. */
class Place {
  readonly headings: Heading[] = [];
  readonly targets: Set<string> = new Set();
  readonly #request: ArticleRequest;
  readonly #slugs = new Map<string, number>();

  constructor(request: ArticleRequest) {
    this.#request = request;
  }

  /** A link of the Markdown file as one of the page. */
  link(href: string): string {
    if (/^([a-z]+:|#)/.test(href)) return href;
    const [file = "", anchor] = href.split("#");
    const address = this.#addressOf(file);
    return anchor === undefined ? address : `${address}#${anchor}`;
  }

  /** Width and height of a picture, so that nothing moves when it is there. */
  size(href: string): string {
    const path = this.#pathOf(href);
    if (!isPicture(path)) return "";
    const { repository } = this.#request;
    const box = /viewBox="0 0 (\d+) (\d+)"/.exec(repository.text(path));
    return box === null ? "" : ` width="${box[1]}" height="${box[2]}"`;
  }

  /** An id that no other heading of the page has, as GitHub makes it. */
  idOf(heading: string): string {
    const slug = heading.trim().toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    const count = this.#slugs.get(slug) ?? 0;
    this.#slugs.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  }

  #addressOf(href: string): string {
    const { path, repository } = this.#request;
    const target = this.#pathOf(href);
    this.targets.add(target);
    return between(
      addressOf(path, repository),
      addressOf(target, repository),
    );
  }

  #pathOf(href: string): string {
    const folder = posix.dirname(this.#request.path);
    return posix.join(folder, href).replace(/\/$/, "");
  }
}

function rendererOf(place: Place): RendererObject {
  return {
    heading({ tokens, depth }) {
      const html = this.parser.parseInline(tokens);
      const text = plainAll(tokens);
      const id = place.idOf(text);
      if (depth === 1) return `<h1 id="${id}">${html}</h1>\n`;
      place.headings.push({
        depth,
        id,
        html: html.replaceAll(/<\/?a\b[^>]*>/g, ""),
      });
      return `<h${depth} id="${id}">${html} <a class="here" href="#${id}" ` +
        `aria-label="Link to: ${escaped(text)}">#</a></h${depth}>\n`;
    },
    // A language may be followed by words that tests read.
    code({ text, lang = "" }) {
      const language = lang.split(/\s/)[0] ?? "";
      return `<pre tabindex="0"><code>${
        highlighted(text, language)
      }</code></pre>\n`;
    },
    table(table) {
      return `<div class="scrolls" role="region" aria-label="Table" tabindex="0">` +
        `${
          tableHtml(table, (tokens) => this.parser.parseInline(tokens))
        }</div>\n`;
    },
    paragraph({ tokens }) {
      const html = this.parser.parseInline(tokens);
      const [only, ...others] = tokens;
      if (only?.type !== "image" || others.length > 0) {
        return `<p>${html}</p>\n`;
      }
      return `<figure class="scrolls" tabindex="0">${html}</figure>\n`;
    },
    image({ href, text }) {
      return `<img src="${escaped(place.link(href))}" alt="${escaped(text)}"${
        place.size(href)
      }>`;
    },
    link({ href, tokens }) {
      const html = this.parser.parseInline(tokens);
      return `<a href="${escaped(place.link(href))}">${html}</a>`;
    },
    // Comments are for tests and formatters; other HTML has no place in a page.
    html({ text }) {
      if (/^(\s*<!--[^]*?-->\s*)*$/.test(text)) return "";
      throw new Error(`A page must be Markdown without HTML: ${text}`);
    },
  };
}

type Inline = (tokens: Token[]) => string;

function tableHtml({ header, rows }: Tokens.Table, inline: Inline): string {
  const row = (name: string, cells: readonly Tokens.TableCell[]) =>
    `<tr>${
      cells.map(({ tokens, align }) => {
        const style = align === null ? "" : ` class="${align}"`;
        return `<${name}${style}>${inline(tokens)}</${name}>`;
      }).join("")
    }</tr>`;
  return `<table><thead>${row("th", header)}</thead><tbody>${
    rows.map((cells) => row("td", cells)).join("")
  }</tbody></table>`;
}

function plain(token: Token | undefined): string {
  if (token === undefined) return "";
  return "tokens" in token ? plainAll(token.tokens ?? []) : "";
}

/** The text of inline tokens, without marks and links. */
function plainAll(tokens: readonly Token[]): string {
  return tokens.map((token) => {
    if ("tokens" in token && token.tokens !== undefined) {
      return plainAll(token.tokens);
    }
    return "text" in token ? String(token.text) : "";
  }).join("");
}
