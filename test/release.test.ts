/**
 * A release has one version, wherever it is written.
 */

import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createProject, type Project, run } from "./support/project.ts";
import { read, root } from "./support/source_tree.ts";

const script = ".ci/release_version.mjs";
const released = `# Changelog

## [Unreleased]

- Something to come.

## [1.2.3] - 2026-11-26

- Something.

## [1.2.2] - 2026-11-01
`;

let project: Project;

beforeEach(() => {
  project = createProject();
  project.write(script, read(script));
  writeVersion("1.2.3");
  project.write("CHANGELOG.md", released);
});
afterEach(() => project.remove());

function writeVersion(version: string): void {
  for (const name of ["package.json", "deno.json", "package-lock.json"]) {
    project.write(name, JSON.stringify({ type: "module", version }));
  }
}

const check = (...args: string[]) => project.run("node", script, ...args);

test("what is here agrees", async () => {
  const ended = await run(fileURLToPath(root), "node", [script]);
  expect(ended).toMatchObject({ status: 0, stderr: "" });
});

describe("a version", () => {
  test("that all agree on goes to npm's latest", async () => {
    const ended = { status: 0, stdout: "latest\n", stderr: "" };
    expect(await check("v1.2.3")).toEqual(ended);
    expect(await check()).toEqual(ended);
  });

  test("that precedes a release goes to npm's next", async () => {
    writeVersion("1.2.3-rc.1");
    project.write("CHANGELOG.md", released.replace("1.2.3", "1.2.3-rc.1"));
    expect(await check("v1.2.3-rc.1")).toMatchObject({ stdout: "next\n" });
  });

  test.each(["1.2.4", "v1.2.4", "v1.2", "v1.2.3-rc.1", "1.2.3", ""])(
    "is not released under the tag %j",
    async (tag) => {
      const { status, stdout, stderr } = await check(tag);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toContain("the tag");
    },
  );

  test.each(["deno.json", "package-lock.json"])(
    "that is another in %s is found out",
    async (name) => {
      project.write(name, '{ "version": "1.2.4" }');
      for (const args of [[], ["v1.2.3"]]) {
        const { status, stderr } = await check(...args);
        expect(status).toBe(1);
        expect(stderr).toBe(
          `Cannot release as ${name} has 1.2.4, package.json 1.2.3\n`,
        );
      }
    },
  );

  test("that the changelog does not begin with is found out", async () => {
    project.write("CHANGELOG.md", released.replace("[1.2.3]", "[1.2.1]"));
    expect(await check()).toMatchObject({
      status: 1,
      stderr: "Cannot release as CHANGELOG.md has 1.2.1, package.json 1.2.3\n",
    });
    project.write("CHANGELOG.md", "# Changelog\n");
    expect(await check()).toMatchObject({ status: 1 });
  });

  test("without a date is not released, but may stand between releases", async () => {
    project.write("CHANGELOG.md", released.replace("2026-11-26", "Unreleased"));
    expect(await check()).toMatchObject({ status: 0 });
    expect(await check("v1.2.3")).toMatchObject({
      status: 1,
      stderr:
        'Cannot release as CHANGELOG.md says "Unreleased" where a release has its date\n',
    });
  });

  test.each(["1.2", "v1.2.3", "1.2.3 ", "latest"])(
    "that is not semantic, such as %j, is found out",
    async (version) => {
      writeVersion(version);
      project.write("CHANGELOG.md", released.replace("1.2.3", version));
      expect(await check()).toMatchObject({ status: 1 });
    },
  );
});
