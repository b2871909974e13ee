/**
 * The API reference: what `deno doc` makes of the doc comments, without the
 * scripts that it brings along, and dark where the system is.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import process from "node:process";
import type { ApiEntry } from "./layout.ts";

/** The parts of `deno.json` that name what is documented. */
interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

/** The pages of the reference by which to begin: all of it, and by entry point. */
export function apiEntriesOf(root: string): ApiEntry[] {
  const { exports } = manifestOf(root);
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== ".");
  return [
    { name: "Everything", address: "api/all_symbols.html" },
    ...subpaths.map((subpath) => ({
      name: subpath.slice(2),
      address: posix.join("api", subpath, "index.html"),
    })),
  ];
}

/**
 * Writes the reference of every entry point into the folder `api` of a site;
 * false when Deno could not, and has said why.
 */
export async function writeApiReference(
  { root, out }: { readonly root: string; readonly out: string },
): Promise<boolean> {
  const manifest = manifestOf(root);
  const folder = join(out, "api");
  if (!runDenoDoc(root, folder, manifest)) return false;
  const names = await readdir(folder, { recursive: true });
  for (const name of names.map((one) => one.split(sep).join("/"))) {
    const file = join(folder, name);
    if (name.endsWith(".js")) await rm(file);
    else if (name.endsWith(".css")) {
      await writeFile(darkName(file), dark(await readFile(file, "utf8")));
    } else if (name.endsWith(".html")) {
      const html = await readFile(file, "utf8");
      await writeFile(file, tamed(html, name, manifest));
    }
  }
  const ours = await readFile(join(root, "docs/site/api.css"), "utf8");
  await writeFile(join(folder, "api.css"), ours);
  return true;
}

function manifestOf(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "deno.json"), "utf8"));
}

function runDenoDoc(
  root: string,
  folder: string,
  { name, exports }: Manifest,
): boolean {
  const tool = join(root, ".ci/tool.mjs");
  const options = ["--quiet", "--html", `--name=${name}`, `--output=${folder}`];
  const args = [tool, "deno", "doc", ...options, ...Object.values(exports)];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return status === 0;
}

const darkName = (sheet: string) => sheet.replace(/\.css$/, ".dark.css");

/**
 * Its dark rules wait for a class that a script would set. In a copy, for dark
 * systems only, they apply as they are: `:not(._)` is always true, and weighs
 * as much as what it replaces.
 */
function dark(sheet: string): string {
  return sheet.replaceAll(":is(.dark *)", ":not(._)")
    .replaceAll(":is(.dark)", ":not(._)");
}

/** A document that needs no script, says where it belongs, and what to import. */
function tamed(html: string, name: string, { name: pkg }: Manifest): string {
  const up = "../".repeat(name.split("/").length);
  return withoutDeadAnchors(html.replaceAll("&#x2F;", "/"))
    .replaceAll(/ id=""/g, "")
    // Every icon brings the same definition along, and is whole without it.
    .replaceAll(/<defs>[^]*?<\/defs>|\sclip-path="[^"]*"/g, "")
    .replace("<html>", '<html lang="en">')
    .replaceAll(/<script\b[^>]*>[^]*?<\/script>/g, "")
    .replaceAll(/<button\b[^>]*>[^]*?<\/button>/g, "")
    .replaceAll(/<input\b[^>]*>/g, "")
    // What it takes for a global of Deno may be one of ours.
    .replaceAll(/<a href="https:\/\/deno\.land\/api[^>]*>([^]*?)<\/a>/g, "$1")
    .replaceAll(
      /(href|src)="([^"]*)"/g,
      (_, attribute, link) => `${attribute}="${whole(link)}"`,
    )
    .replace(/(<a href="[^"]*" class="link[^"]*">)default<\/a>/, `$1${pkg}</a>`)
    .replaceAll(
      /from &quot;([\w./]*)&quot;/g,
      (_, entry) =>
        `from &quot;${entry === "." ? pkg : posix.join(pkg, entry)}&quot;`,
    )
    .replaceAll(
      /<link\b[^>]*href="([^"]*)\.css"[^>]*>/g,
      (link, sheet) =>
        `${link}<link rel="stylesheet" href="${sheet}.dark.css" ` +
        'media="(prefers-color-scheme: dark)">',
    )
    .replace(
      "</head>",
      '<meta name="color-scheme" content="light dark">' +
        `<link rel="stylesheet" href="${up.slice(3)}api.css"></head>`,
    )
    .replace(
      /<ul class="breadcrumbs">/,
      "$&<li>" +
        `<a href="${up}index.html" class="contextLink">Documentation</a></li>` +
        '<li><span class="text-gray-400">/</span></li>',
    );
}

/** It leads to type parameters, which have no place of their own. */
function withoutDeadAnchors(html: string): string {
  return html.replaceAll(
    /<a\b[^>]*\shref="#([^"]+)"[^>]*>([^]*?)<\/a>/g,
    (link, id, text) => html.includes(` id="${id}"`) ? link : text,
  );
}

/** Folders have an index, which a page opened from a disk does not find by itself. */
function whole(link: string): string {
  if (/^[a-z]+:/.test(link)) return link;
  const [path = "", anchor] = link.split("#");
  const isFolder = path.endsWith("/") || (path === "" && anchor === undefined);
  const file = isFolder ? `${path}index.html` : path;
  return anchor === undefined ? file : `${file}#${anchor}`;
}
