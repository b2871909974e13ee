/**
 * Whether everything that names the version of a release names the same one:
 * `node .ci/release_version.mjs [TAG]`.
 *
 * Prints the npm channel that the version belongs to: `latest`, or `next` for
 * what comes before a release. Without a tag it is between releases, and the
 * newest version in the changelog may lack its date.
 */

import { readFileSync } from "node:fs";

const read = (path) =>
  readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const semantic = /^\d+\.\d+\.\d+(-[0-9a-z]+(\.[0-9a-z]+)*)?$/;

const [tag] = process.argv.slice(2);
const { version } = JSON.parse(read("package.json"));
const heading = /^## \[(?!Unreleased\])(?<version>.+)\] - (?<date>.+)$/mi
  .exec(read("CHANGELOG.md"))?.groups ?? {};

const problems = [
  !semantic.test(version) &&
  `package.json has ${version}, which is no semantic version`,
  ...[
    ["deno.json", JSON.parse(read("deno.json")).version],
    ["package-lock.json", JSON.parse(read("package-lock.json")).version],
    ["CHANGELOG.md", heading.version],
  ].map(([where, found]) =>
    found !== version && `${where} has ${found}, package.json ${version}`
  ),
  tag !== undefined && tag !== `v${version}` &&
  `the tag is ${tag}, and package.json has ${version}`,
  tag !== undefined && !/^\d{4}-\d\d-\d\d$/.test(heading.date) &&
  `CHANGELOG.md says "${heading.date}" where a release has its date`,
].filter(Boolean);

for (const problem of problems) {
  console.error(`Cannot release as ${problem}`);
}
if (problems.length > 0) process.exitCode = 1;
else console.log(version.includes("-") ? "next" : "latest");
