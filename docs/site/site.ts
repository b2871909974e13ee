/**
 * The site: every page of `docs/`, and whatever the pages lead to.
 *
 * @module
 */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addressOf, HOME, isPage, isPicture } from "./address.ts";
import { type ApiEntry, documentOf, type Frame } from "./layout.ts";
import { type Article, articleOf } from "./markdown.ts";
import { navigationOf } from "./navigation.ts";
import { Repository } from "./repository.ts";
import { sourcePageOf } from "./source_page.ts";

/** What the site is made of, and where it goes. */
export interface SiteRequest {
  /** The root of the repository. */
  readonly root: string;
  /** The folder of the site; what is in it goes. */
  readonly out: string;
  /** The pages of an API reference that is put beside it. */
  readonly api: readonly ApiEntry[];
}

/** Writes the site; returns how many pages it has. */
export async function writeSite(
  { root, out, api }: SiteRequest,
): Promise<number> {
  const repository = new Repository(root);
  const { version } = JSON.parse(repository.text("package.json"));
  const sections = navigationOf(HOME, repository.text(HOME));
  const frame: Frame = { sections, repository, version, api };
  await rm(out, { recursive: true, force: true });
  const write = async (address: string, content: string) => {
    const file = join(out, address);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  await write("style.css", repository.text("docs/site/style.css"));
  const articles = reachedFrom(repository);
  for (const [path, article] of articles) {
    const address = addressOf(path, repository);
    await write(address, documentOf(path, article, frame));
    for (const target of article.targets.filter(isPicture)) {
      await write(addressOf(target, repository), repository.text(target));
    }
  }
  return articles.size;
}

/** The pages of `docs/`, and what they lead to, and what that leads to. */
function reachedFrom(repository: Repository): Map<string, Article> {
  const articles = new Map<string, Article>();
  const found = new Set(repository.filesOf("docs").filter(isPage));
  // A set that grows while it is walked through is walked to its end.
  for (const path of found) {
    const article = pageOf(path, repository);
    articles.set(path, article);
    for (const target of article.targets) {
      if (repository.kindOf(target) === "nothing") {
        throw new Error(`${path} leads to ${target}, which is not there`);
      }
      if (!isPicture(target)) found.add(target);
    }
  }
  return articles;
}

function pageOf(path: string, repository: Repository): Article {
  if (!isPage(path)) return sourcePageOf(path, repository);
  const markdown = repository.text(path);
  return articleOf({ path, markdown, repository });
}
