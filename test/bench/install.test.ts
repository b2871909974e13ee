/**
 * Installing peers: what fails is told, and spoils nothing for the others.
 */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { install, type Manifest } from "../../bench/peers/install.ts";
import { ENTRANTS } from "../../bench/peers/roster.ts";
import { read } from "../support/source_tree.ts";

/** npm takes its time where others work. */
const NPM_MS = 120_000;

/** A folder, and packages beside it that can be installed without a network. */
function folders() {
  const root = mkdtempSync(join(tmpdir(), "mailboat-peers-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const name of ["one", "two"]) {
    mkdirSync(join(root, name));
    const manifest = { name, version: "1.0.0" };
    writeFileSync(join(root, name, "package.json"), JSON.stringify(manifest));
  }
  const manifest: Manifest = {
    dependencies: {
      one: "file:../one",
      two: "file:../two",
      broken: "file:../nowhere.tgz",
    },
  };
  return { folder: join(root, "installed"), manifest };
}

const dependenciesIn = (folder: string) =>
  Object.keys(
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).dependencies,
  );

test("packages come one after the other, and those before stay", {
  timeout: NPM_MS,
}, () => {
  const { folder, manifest } = folders();
  const options = { folder, manifest, offline: false };
  expect(install(["one"], options)).toEqual({ kind: "installed" });
  expect(install(["two"], options)).toEqual({ kind: "installed" });
  expect(existsSync(join(folder, "node_modules/one"))).toBe(true);
  expect(existsSync(join(folder, "node_modules/two"))).toBe(true);
});

test("what cannot be installed is told, and is not tried with the next one", {
  timeout: NPM_MS,
}, () => {
  const { folder, manifest } = folders();
  const options = { folder, manifest, offline: false };
  install(["one"], options);
  expect(install(["broken"], options)).toEqual({
    kind: "missing",
    reason: expect.stringMatching(/nowhere\.tgz/),
  });
  expect(dependenciesIn(folder)).toEqual(["one"]);
  expect(install(["two"], options)).toEqual({ kind: "installed" });
});

test("offline nothing is fetched", () => {
  const { folder, manifest } = folders();
  expect(install(["one"], { folder, manifest, offline: true })).toEqual({
    kind: "missing",
    reason: "one not installed yet",
  });
  expect(existsSync(folder)).toBe(false);
});

test("who needs nothing is there", () => {
  const { folder, manifest } = folders();
  expect(install([], { folder, manifest, offline: true }))
    .toEqual({ kind: "installed" });
});

test("the manifest pins a version of everything that is needed", () => {
  const { dependencies } = JSON.parse(
    read("bench/peers/package.json"),
  ) as Manifest;
  const needed = new Set(ENTRANTS.flatMap(({ packages }) => packages));
  expect(Object.keys(dependencies).sort()).toEqual([...needed].sort());
  for (const version of Object.values(dependencies)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});
