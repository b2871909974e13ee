/**
 * The workflows run what they name and nothing else, with no more rights than
 * each job needs.
 */

import { describe } from "vitest";
import { treeRule } from "./support/rule.ts";
import { read, type Tree } from "./support/source_tree.ts";

const release = read(".github/workflows/release.yml");
const path = ".github/workflows/sample.yml";

/** A workflow, or one of its jobs. */
interface Part {
  readonly name: string;
  readonly text: string;
}

describe("workflows", () => {
  treeRule("an action is pinned by its commit, and says its version", {
    problems: (tree) =>
      workflowsOf(tree).flatMap(({ name, text }) =>
        usesOf(text).filter((used) => !pinned.test(used)).map((used) =>
          `${name}: ${used}`
        )
      ),
    refuses: [
      { [path]: "      - uses: actions/checkout@v4" },
      { [path]: "      - uses: actions/checkout@main # v4.2.2" },
      { [path]: `      - uses: actions/checkout@${"0".repeat(39)} # v4.2.2` },
      { [path]: `      - uses: actions/checkout@${"0".repeat(40)}` },
      { [path]: `      - name: x\n        uses: "actions/checkout@v4"` },
      { [path]: "      - { uses: actions/checkout@v4 }" },
      { [path]: "    uses: owner/name/.github/workflows/a.yml@v1" },
      { [path]: "      - uses: docker://alpine:3" },
    ],
    accepts: [
      { [path]: `      - uses: actions/checkout@${"0".repeat(40)} # v4.2.2` },
    ],
  });

  treeRule("a workflow may do nothing, and each job what it names", {
    problems: (tree) =>
      workflowsOf(tree).flatMap(({ name, text }) => [
        ...(/^permissions: \{\}$/m.test(text) ? [] : [`${name} has rights`]),
        ...jobsOf(text).filter((job) => !/^ {4}permissions:$/m.test(job.text))
          .map((job) => `${name}: ${job.name} does not name its rights`),
        ...[...text.matchAll(/^.*\b(read-all|write-all|write)$/gm)]
          .map(([line]) => line.trim()).filter((line) =>
            line !== "id-token: write"
          ).map((line) => `${name}: ${line}`),
      ]),
    refuses: [
      { [path]: "on: push\njobs:\n" },
      { [path]: "permissions:\n  contents: read\njobs:\n" },
      { [path]: "permissions: write-all\njobs:\n" },
      { [path]: "permissions: {}\njobs:\n  a:\n    steps:\n" },
      { [path]: job("    permissions: write-all") },
      { [path]: job("    permissions:\n      contents: write") },
    ],
    accepts: [
      { [path]: job("    permissions:\n      contents: read") },
      { [path]: job("    permissions:\n      id-token: write\n    # publish") },
    ],
  });

  treeRule("an identity is for the jobs that publish, where no script runs", {
    problems: (tree) =>
      workflowsOf(tree).flatMap(({ text }) => jobsOf(text)).filter((job) =>
        job.text.includes("id-token: write")
      ).flatMap((job) => [
        ...(/\bpublish\b/.test(job.text) ? [] : [`${job.name} publishes not`]),
        ...job.text.split("\n").filter((line) =>
          /\bnpm (ci|i|install|publish)\b/.test(line) &&
          !line.includes("--ignore-scripts")
        ).map((line) => `${job.name}: ${line.trim()}`),
        ...job.text.split("\n").filter((line) =>
          /\bnpx\b|\bnpm (run|test|pack|exec)\b|\.ci\/run\b/.test(line)
        ).map((line) => `${job.name}: ${line.trim()}`),
      ]),
    refuses: [
      { [path]: publishing("npm test") },
      { [path]: publishing("npm ci") },
      { [path]: publishing("npx jsr publish") },
      { [path]: job("    permissions:\n      id-token: write") },
    ],
    accepts: [{ [path]: publishing("npm ci --ignore-scripts") }],
  });

  treeRule("no secret is stored, and no checkout leaves its token behind", {
    problems: (tree) =>
      workflowsOf(tree).flatMap(({ name, text }) => [
        ...[...text.matchAll(/\bsecrets\b.*/g)].map(([at]) => `${name}: ${at}`),
        ...stepsOf(text).filter((step) =>
          step.includes("actions/checkout@") &&
          !step.includes("persist-credentials: false")
        ).map(() => `${name}: a checkout keeps its token`),
      ]),
    refuses: [
      { [path]: "          TOKEN: ${{ secrets.NPM_TOKEN }}" },
      { [path]: "    secrets: inherit" },
      { [path]: "      - uses: actions/checkout@0\n      - run: x" },
    ],
    accepts: [{
      [path]:
        "      - uses: actions/checkout@0\n        with:\n          persist-credentials: false",
    }],
  });

  treeRule("no expression is pasted into a command", {
    problems: (tree) =>
      workflowsOf(tree).flatMap(({ name, text }) =>
        stepsOf(text).flatMap(commandsOf).filter((line) => line.includes("${{"))
          .map((line) => `${name}: ${line.trim()}`)
      ),
    refuses: [
      { [path]: "      - run: echo ${{ github.ref }}" },
      { [path]: "      - run: |\n          a\n          b ${{ github.ref }}" },
      { [path]: "      - name: a\n        run: >-\n          ${{ x }}" },
    ],
    accepts: [{
      [path]:
        "      - run: echo $REF\n        env:\n          REF: ${{ github.ref }}",
    }],
  });

  treeRule("what is published has passed the gate, under one version", {
    problems: (tree) => {
      const jobs = new Map(
        jobsOf(tree.get(".github/workflows/release.yml")!).map((
          { name, text },
        ) => [name, text]),
      );
      const gate = jobs.get("gate") ?? "";
      const publishers = [...jobs].filter(([, text]) =>
        text.includes("id-token: write")
      );
      return [
        ...(gate.includes(".ci/run\n") ? [] : ["the gate is not run"]),
        ...(gate.includes('.ci/release_version.mjs "$GITHUB_REF_NAME"')
          ? []
          : ["the version is not compared with the tag"]),
        ...(publishers.length === 2 ? [] : ["not to npm and JSR"]),
        ...publishers.filter(([, text]) => !/needs: \[gate\b/.test(text))
          .map(([name]) => `${name} does not wait for the gate`),
      ];
    },
    refuses: [
      changed("needs: [gate, pack]", "needs: pack"),
      changed(" .ci/run\n", " true\n"),
      changed('.mjs "$GITHUB_REF_NAME"', ".mjs"),
      changed("      id-token: write\n", ""),
    ],
    accepts: [{ ".github/workflows/release.yml": release }],
  });
});

const pinned = /^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

function workflowsOf(tree: Tree): Part[] {
  return [...tree].filter(([path]) => path.startsWith(".github/workflows/"))
    .map(([name, text]) => ({ name, text }));
}

function usesOf(text: string): string[] {
  return [...text.matchAll(/\buses: *(.*)$/gm)].map(([, used = ""]) => used);
}

/** The jobs of a workflow that is indented by two, as these are. */
function jobsOf(text: string): Part[] {
  const [, jobs = ""] = text.split(/^jobs:$/m);
  return jobs.split(/^(?= {2}[\w-]+:$)/m)
    .map((part) => ({ name: /^ {2}([\w-]+):$/m.exec(part)?.[1], text: part }))
    .filter((part): part is Part => part.name !== undefined);
}

function stepsOf(text: string): string[] {
  return text.split(/^(?= {6}- )/m).filter((part) =>
    part.startsWith("      -")
  );
}

/** The lines of a step's command, the block beneath `run:` included. */
function commandsOf(step: string): string[] {
  const lines = step.split("\n");
  const at = lines.findIndex((line) => /^ {6}[- ] run:/.test(line));
  if (at < 0) return [];
  const end = lines.findIndex((line, index) =>
    index > at && !/^ {10}|^$/.test(line)
  );
  return lines.slice(at, end < 0 ? lines.length : end);
}

/** A workflow of one job. */
function job(text: string): string {
  return `permissions: {}\njobs:\n  a:\n${text}\n`;
}

/** A workflow of one job that publishes, after a command. */
function publishing(command: string): string {
  return job(
    `    permissions:\n      id-token: write\n    steps:\n      - run: ${command}\n      - run: deno publish`,
  );
}

/** The real release, with something replaced. */
function changed(from: string, to: string): Readonly<Record<string, string>> {
  const text = release.replaceAll(from, to);
  if (text === release) throw new Error(`The release has no ${from}`);
  return { ".github/workflows/release.yml": text };
}
