/**
 * The documentation site: it can be made, and nothing on it is dead.
 */

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOME, isPage } from "../../docs/site/address.ts";
import { flawsOf } from "../../docs/site/flaws.ts";
import { navigationOf } from "../../docs/site/navigation.ts";
import { writeSite } from "../../docs/site/site.ts";
import { read, readTree, root } from "../support/source_tree.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mailboat-site-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files into the folder, and returns where. */
function write(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const document = (body: string) =>
  `<!doctype html><html lang="en"><title>A</title>${body}</html>`;

describe("the flaws of a site", () => {
  test.each([
    ["a dead link", '<a href="gone.html">b</a>', "the link gone.html is dead"],
    ["a dead anchor", '<a href="#gone">b</a>', "the link #gone is dead"],
    [
      "a dead anchor elsewhere",
      '<a href="sub/b.html#gone">b</a>',
      "the link sub/b.html#gone is dead",
    ],
    ["a missing picture", '<img src="a.svg">', "the link a.svg is dead"],
    [
      "an id given twice",
      '<p id="x">b</p><p id="x">c</p>',
      "the id x is given twice",
    ],
    ["a script", "<script>1</script>", "has a script"],
    ["a handler", '<p onclick="f()">b</p>', "has a script in an attribute"],
  ])("are found: %s", async (_, body, flaw) => {
    const files = { "a.html": document(body), "sub/b.html": document("") };
    expect(await flawsOf(write(files))).toEqual([`a.html: ${flaw}`]);
  });

  test("are found: no title, no language", async () => {
    expect(await flawsOf(write({ "a.html": "<html></html>" }))).toEqual([
      "a.html: has no title",
      "a.html: has no language",
    ]);
  });

  test("are not links that lead somewhere", async () => {
    const body = '<a href="sub/b.html#x">b</a><a href="#y">c</a>' +
      '<p id="y"><a href="https://example.com/gone">d</a></p>';
    const files = {
      "a.html": document(body),
      "sub/b.html": document('<p id="x"></p>'),
    };
    expect(await flawsOf(write(files))).toEqual([]);
  });
});

describe("a page", () => {
  const page = `# A & T

Some *text* with \`code\`.

<!-- hidden -->

## The \`same\` [heading](other.md)

![a picture](a.svg)

| a | b |
| - | -: |
| 1 | 2 |

## The same heading

\`\`\`ts continued
const a = "<b>"; // c
\`\`\`
`;

  test("becomes a document that needs no script", async () => {
    const files = {
      "package.json": '{ "version": "1.2.3" }',
      "docs/README.md": "# Home\n\n## First\n\n- [A page](sub/page.md)\n",
      "docs/sub/page.md": page,
      "docs/sub/other.md":
        "# Other\n\n[Source](../../src/a.ts), [all](../../src)\n",
      "docs/sub/a.svg": '<svg viewBox="0 0 86 30"></svg>',
      "docs/site/style.css": "",
      "src/a.ts": "export const a = 1;\n",
    };
    const out = join(write(files), "out");
    const request = { root: folder, out, api: [] };
    expect(await writeSite(request)).toBe(5);
    expect(await flawsOf(out)).toEqual([]);
    const html = readFileSync(join(out, "sub/page.html"), "utf8");
    expect(html).toContain("<title>A &amp; T · Mailboat</title>");
    expect(html).toContain('content="Some text with code."');
    expect(html).toContain('<h2 id="the-same-heading">The <code>same</code>');
    expect(html).toContain('<h2 id="the-same-heading-1">');
    expect(html).toContain(
      'src="a.svg" alt="a picture" width="86" height="30"',
    );
    expect(html).toContain('<td class="right">2</td>');
    expect(html).toContain('<span class="text">&quot;&lt;b&gt;&quot;</span>');
    expect(html).toContain(
      '<a href="page.html" aria-current="page">A page</a>',
    );
    expect(html).not.toContain("hidden");
    expect(readFileSync(join(out, "sub/other.html"), "utf8"))
      .toContain('href="../source/src/index.html"');
    expect(readFileSync(join(out, "source/src/a.ts.html"), "utf8"))
      .toContain('<span class="word">export</span>');
  });

  test.each([
    ["a link to nothing", "[b](gone.md)", /README.md leads to docs\/gone.md/],
    ["HTML", "<b>b</b>", /must be Markdown without HTML/],
  ])("is refused with %s", async (_, text, message) => {
    const files = {
      "package.json": '{ "version": "1.2.3" }',
      "docs/README.md": `# Home\n\n${text}\n`,
      "docs/site/style.css": "",
    };
    const request = { root: write(files), out: join(folder, "out"), api: [] };
    await expect(writeSite(request)).rejects.toThrow(message);
  });
});

describe("this project's site", () => {
  test("can be made, and nothing on it is dead", async () => {
    const request = { root: fileURLToPath(root), out: folder, api: [] };
    expect(await writeSite(request)).toBeGreaterThan(30);
    expect(await flawsOf(folder)).toEqual([]);
  });

  test("lists every page of docs/ in its navigation, once", () => {
    const listed = navigationOf(HOME, read(HOME))
      .flatMap(({ entries }) => entries.map(({ path }) => path));
    const pages = [...readTree().keys()].filter((path) =>
      path.startsWith("docs/") && isPage(path) && path !== HOME
    );
    expect([...listed].sort()).toEqual(pages.sort());
  });
});
