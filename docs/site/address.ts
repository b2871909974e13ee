/**
 * Addresses: where a file of the repository is found on the site.
 *
 * Pages and pictures keep their place below `docs/`. Whatever else a page leads
 * to, sources mostly, is shown under `source/`, so that the site is whole
 * without the repository beside it.
 *
 * @module
 */

import { posix } from "node:path";
import type { Repository } from "./repository.ts";

/** The page that the site begins with. */
export const HOME = "docs/README.md";

/** Whether a file is a page of its own. */
export function isPage(path: string): boolean {
  return path.endsWith(".md");
}

/** Whether a file is copied as it is. */
export function isPicture(path: string): boolean {
  return path.startsWith("docs/") && path.endsWith(".svg");
}

/** The address of a file or folder, from the root of the site. */
export function addressOf(path: string, repository: Repository): string {
  if (path === HOME) return "index.html";
  const place = path.replace(/^docs\//, "");
  if (isPage(path)) return place.replace(/\.md$/, ".html").toLowerCase();
  if (isPicture(path)) return place;
  return repository.kindOf(path) === "folder"
    ? `source/${path}/index.html`
    : `source/${path}.html`;
}

/** How one address is written on the page at another. */
export function between(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to);
}
