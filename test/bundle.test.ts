/**
 * What npm ships is a few files, in which no module is there twice, no package
 * is loaded before it is needed, and nothing is kept that nobody uses.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";
import { beforeAll, expect, test } from "vitest";
import { nodesOf, parse } from "./support/source_file.ts";
import { read, root } from "./support/source_tree.ts";

const folder = fileURLToPath(new URL("dist/bundle", root));
const { "./package.json": _itself, ...entries } = JSON.parse(
  read("package.json"),
).exports as Readonly<Record<string, { readonly default: string }>>;

/** The text of each file, by its path in the folder. */
const files = new Map<string, string>();

beforeAll(() => {
  expect(existsSync(folder), "npm run build first").toBe(true);
  for (const path of readdirSync(folder, { recursive: true }) as string[]) {
    if (!path.endsWith(".js")) continue;
    files.set(path, readFileSync(join(folder, path), "utf8"));
  }
});

/** Loaded before the first line of an entry point runs, besides what is ours. */
const atOnce: Readonly<Record<string, readonly string[]>> = {
  "./drizzle": ["drizzle-orm"],
  "./drizzle/schema": ["drizzle-orm", "drizzle-orm/sqlite-core"],
  "./mqtt": ["node:crypto", "node:tls"],
};

test.each(Object.entries(entries))(
  "%s loads at once what it always needs, from few files",
  (subpath, { default: target }) => {
    const { own, others } = loadedWith(target.replace("./dist/bundle/", ""));
    expect(others).toEqual(atOnce[subpath] ?? []);
    expect(own.length).toBeLessThanOrEqual(subpath === "." ? 2 : 3);
  },
);

test("no module is there twice, so that a class is one class", () => {
  const modules = [...files.values()].flatMap((
    text,
  ) => [...text.matchAll(/^\/\/ ((?:mod|src\/.+|adapters\/.+)\.ts)$/gm)]).map((
    [, module],
  ) => module!);
  expect(modules).toContain("src/errors.ts");
  expect(modules).toContain("adapters/sqlite/storage.ts");
  expect(modules).toEqual([...new Set(modules)]);
});

test("a bundler drops all of the core where nothing of it is used", async () => {
  const { output: [kept] } = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      minify: false,
      target: "esnext",
      modulePreload: false,
      rolldownOptions: {
        input: join(folder, "core.js"),
        preserveEntrySignatures: false,
        // As if the manifest did not say that there are no effects.
        treeshake: { moduleSideEffects: true },
      },
    },
  }) as Rolldown.RolldownOutput;
  expect(kept.code).toBe("");
});

/** The files and the packages that are loaded with a file, itself included. */
function loadedWith(entry: string): {
  readonly own: readonly string[];
  readonly others: readonly string[];
} {
  const own = new Set([entry]);
  const others = new Set<string>();
  for (const path of own) {
    for (const specifier of importedBy(path)) {
      if (!specifier.startsWith(".")) others.add(specifier);
      else own.add(join(dirname(path), specifier));
    }
  }
  return { own: [...own], others: [...others].sort() };
}

/** What a file imports at once. */
function importedBy(path: string): string[] {
  const file = parse(path, files.get(path)!);
  const kinds = ["ImportDeclaration", "ExportNamedDeclaration"] as const;
  return nodesOf(file, ...kinds, "ExportAllDeclaration").flatMap(({ node }) => {
    const source = node["source"] as { readonly value: string } | null;
    return source ? [source.value] : [];
  });
}
