/**
 * Links from page to page lead somewhere.
 */

import { posix } from "node:path";
import { expect, it } from "vitest";
import { readTree } from "../support/source_tree.ts";

const tree = readTree();
const pages = [...tree.keys()].filter((path) => path.endsWith(".md"));

/** The text of a page without its code. */
function proseOf(page: string): string {
  return (tree.get(page) ?? "").replaceAll(/```.*?```/gs, "");
}

/** What headings are called in an address. */
function anchorsOf(page: string): readonly string[] {
  return [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) =>
    text.trim().toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-")
  );
}

function isDead(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = posix.join(posix.dirname(page), path);
  const exists = [...tree.keys()].some((file) =>
    file === target || file.startsWith(`${target.replace(/\/$/, "")}/`)
  );
  if (path !== "" && !exists) return true;
  if (anchor === undefined) return false;
  return !anchorsOf(path === "" ? page : target).includes(anchor);
}

it.each(pages)("%s has no dead link", (page) => {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^[a-z]+:/.test(link));
  expect(links.filter((link) => isDead(page, link))).toEqual([]);
});
