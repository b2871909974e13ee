/**
 * Pages that show a source file, or what a folder holds.
 *
 * @module
 */

import { posix } from "node:path";
import { addressOf, between } from "./address.ts";
import { escaped, highlighted } from "./highlight.ts";
import type { Article } from "./markdown.ts";
import type { Repository } from "./repository.ts";

/** Shows a file with its text, and a folder with links to what it holds. */
export function sourcePageOf(path: string, repository: Repository): Article {
  return repository.kindOf(path) === "folder"
    ? folderPage(path, repository)
    : filePage(path, repository);
}

function filePage(path: string, repository: Repository): Article {
  const language = posix.extname(path).slice(1);
  const code = highlighted(repository.text(path).trimEnd(), language);
  return page(path, `<pre tabindex="0"><code>${code}</code></pre>`, []);
}

function folderPage(path: string, repository: Repository): Article {
  const here = addressOf(path, repository);
  const targets = repository.list(path);
  const items = targets.map((target) => {
    const href = between(here, addressOf(target, repository));
    return `<li><a href="${escaped(href)}">${
      escaped(posix.basename(target))
    }</a></li>`;
  });
  return page(path, `<ul>${items.join("")}</ul>`, targets);
}

function page(path: string, html: string, targets: string[]): Article {
  return {
    title: path,
    summary: `A file of Mailboat: ${path}`,
    html: `<h1><code>${escaped(path)}</code></h1>\n${html}\n`,
    headings: [],
    targets,
  };
}
