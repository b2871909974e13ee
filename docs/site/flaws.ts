/**
 * What is wrong with a site that was written: dead links and anchors, ids that
 * are given twice, scripts, pages without a title or a language.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { posix, sep } from "node:path";

/** What a document has, as far as others may lead there. */
interface Document {
  readonly html: string;
  readonly ids: ReadonlySet<string>;
}

/** The flaws of every document in a folder, a line each. */
export async function flawsOf(folder: string): Promise<string[]> {
  const files = (await readdir(folder, { recursive: true }))
    .map((name) => name.split(sep).join("/")).sort();
  const documents = new Map<string, Document>();
  for (const file of files) {
    if (!file.endsWith(".html")) continue;
    const html = await readFile(`${folder}/${file}`, "utf8");
    documents.set(file, { html, ids: new Set(idsOf(html)) });
  }
  const isThere = (file: string) => files.includes(file);
  return [...documents].flatMap(([file, document]) =>
    [
      ...formFlaws(document.html),
      ...linkFlaws(file, document.html, { documents, isThere }),
    ].map((flaw) => `${file}: ${flaw}`)
  );
}

function formFlaws(html: string): string[] {
  const ids = idsOf(html);
  const repeated = new Set(ids.filter((id, at) => ids.indexOf(id) !== at));
  return [
    ...[...repeated].map((id) => `the id ${id} is given twice`),
    ...(/<script\b/i.test(html) ? ["has a script"] : []),
    ...(/\son[a-z]+="/i.test(html) ? ["has a script in an attribute"] : []),
    ...(/<title>[^<]+<\/title>/.test(html) ? [] : ["has no title"]),
    ...(/<html[^>]*\slang="/.test(html) ? [] : ["has no language"]),
  ];
}

function linkFlaws(
  file: string,
  html: string,
  { documents, isThere }: {
    readonly documents: ReadonlyMap<string, Document>;
    readonly isThere: (file: string) => boolean;
  },
): string[] {
  const links = [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)]
    .map(([, link = ""]) => link.replaceAll("&amp;", "&"));
  return [...new Set(links)].filter((link) => {
    if (/^(?:[a-z]+:|\/\/)/i.test(link)) return false;
    const [path = "", anchor = ""] = link.split("#");
    const target = path === ""
      ? file
      : posix.join(posix.dirname(file), decodeURI(path.split("?")[0] ?? ""));
    if (!isThere(target)) return true;
    const ids = documents.get(target)?.ids;
    return anchor !== "" && !ids?.has(decodeURIComponent(anchor));
  }).map((link) => `the link ${link} is dead`);
}

/** Ids as they stand in the tags, not in the texts, which are escaped. */
function idsOf(html: string): string[] {
  return [...html.matchAll(/<[a-z][^>]*?\sid="([^"]*)"/g)]
    .map(([, id = ""]) => id.replaceAll("&amp;", "&"));
}
