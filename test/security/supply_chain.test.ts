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

test("of what is installed to build it, only esbuild has an install script, and it does not run", () => {
  const { packages } = read("package-lock.json");
  const scripted = Object.entries<{ hasInstallScript?: boolean }>(packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split("node_modules/").at(-1));
  const allowed = new Set(["esbuild", "fsevents"]);
  expect(scripted.filter((name) => !allowed.has(name ?? ""))).toEqual([]);
  expect(read("package.json").allowScripts).toEqual({ esbuild: false });
});

test("everything that is locked has a checksum", () => {
  const { packages } = read("package-lock.json");
  const open = Object.entries<{ integrity?: string }>(packages)
    .filter(([path, { integrity }]) => path !== "" && !integrity)
    .map(([path]) => path);
  expect(open).toEqual([]);
});
