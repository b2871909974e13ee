/**
 * The page around an article: head, header, navigation, footer.
 *
 * @module
 */

import { addressOf, between, HOME } from "./address.ts";
import { escaped } from "./highlight.ts";
import type { Article, Heading } from "./markdown.ts";
import type { Entry, Section } from "./navigation.ts";
import type { Repository } from "./repository.ts";

/** A page of the API reference. */
export interface ApiEntry {
  readonly name: string;
  readonly address: string;
}

/** What every page of the site has in common. */
export interface Frame {
  readonly sections: readonly Section[];
  readonly repository: Repository;
  readonly version: string;
  /** The pages of the API reference that are listed; none without one. */
  readonly api: readonly ApiEntry[];
}

/** The document of an article, found at a path of the repository. */
export function documentOf(
  path: string,
  { title, summary, html, headings }: Article,
  frame: Frame,
): string {
  const here = addressOf(path, frame.repository);
  const to = (target: string) => escaped(between(here, target));
  const home = path === HOME;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${home ? "Mailboat" : `${escaped(title)} · Mailboat`}</title>
<meta name="description" content="${escaped(shortened(summary))}">
<link rel="stylesheet" href="${to("style.css")}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<a class="brand" href="${to("index.html")}">Mailboat</a>
<p>transactional outbox for the edge</p>
<a class="menu" href="#pages">All pages</a>
</header>
<div class="columns">
<main id="content" tabindex="-1">
${home ? html : withContents(html, headings)}${
    neighboursOf(path, here, frame)
  }</main>
<nav id="pages" aria-label="All pages">
${frame.sections.map((one) => sectionHtml(one, path, here, frame)).join("\n")}
${apiHtml(to, frame)}</nav>
</div>
<footer>
<p>Mailboat ${escaped(frame.version)} · MIT licence</p>
</footer>
</body>
</html>
`;
}

/** Fewer headings than this need no table of contents. */
const FEW = 3;

/** The article, with a table of its contents below the title. */
function withContents(html: string, headings: readonly Heading[]): string {
  const shown = headings.filter(({ depth }) => depth <= 3);
  if (shown.length < FEW) return html;
  const items = shown.map(({ depth, id, html }) =>
    `<li class="depth-${depth}"><a href="#${id}">${html}</a></li>`
  );
  const contents = `<details class="contents"><summary>On this page</summary>
<ul>${items.join("")}</ul>
</details>
`;
  return html.replace("</h1>\n", (title) => title + contents);
}

function sectionHtml(
  { title, entries }: Section,
  path: string,
  here: string,
  { repository }: Frame,
): string {
  const items = entries.map((entry) => {
    const href = escaped(between(here, addressOf(entry.path, repository)));
    const current = entry.path === path ? ' aria-current="page"' : "";
    return `<li><a href="${href}"${current}>${escaped(entry.name)}</a></li>`;
  });
  return `<h2>${escaped(title)}</h2>\n<ul>${items.join("")}</ul>`;
}

function apiHtml(to: (target: string) => string, { api }: Frame): string {
  if (api.length === 0) return "";
  const items = api.map(({ name, address }) =>
    `<li><a href="${to(address)}">${escaped(name)}</a></li>`
  );
  return `<h2>API</h2>\n<ul>${items.join("")}</ul>\n`;
}

/** The pages before and after, in the order of the navigation. */
function neighboursOf(path: string, here: string, frame: Frame): string {
  const entries = frame.sections.flatMap((section) => section.entries);
  const at = entries.findIndex((entry) => entry.path === path);
  if (at < 0) return "";
  const link = (entry: Entry | undefined, rel: string, word: string) => {
    if (entry === undefined) return "";
    const href = between(here, addressOf(entry.path, frame.repository));
    return `<a rel="${rel}" href="${escaped(href)}"><span>${word}</span> ${
      escaped(entry.name)
    }</a>`;
  };
  return `<nav class="neighbours" aria-label="Neighbouring pages">${
    link(entries[at - 1], "prev", "Before:")
  }${link(entries[at + 1], "next", "Next:")}</nav>\n`;
}

const MAX_SUMMARY = 160;

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= MAX_SUMMARY) return line;
  return `${line.slice(0, MAX_SUMMARY).replace(/\s+\S*$/, "")} …`;
}
