import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createProjectWithRepository,
  type Project,
} from "../support/project.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import {
  blocksOf,
  matches,
  type Program,
  programsOf,
} from "../support/snippets.ts";
import { read, readTree, root } from "../support/source_tree.ts";
import {
  examplesOf,
  modulesOfRuntimes,
  surfaceOf,
  takenForGranted,
} from "../support/docstrings.ts";
import { theSources } from "../support/rule.ts";
import { parse, type SourceFile } from "../support/source_file.ts";

const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", root));
const built = existsSync(new URL("dist/mod.d.ts", root));
const hasReadme = existsSync(new URL("README.md", root));

const compilerOptions = {
  rootDir: ".",
  outDir: "js",
  paths: {},
  declaration: false,
  isolatedDeclarations: false,
  noEmitOnError: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
};

let project: Project;

beforeEach(() => {
  project = createProjectWithRepository();
  project.write(
    "tsconfig.json",
    JSON.stringify({
      extends: fileURLToPath(new URL("tsconfig.json", root)),
      compilerOptions,
      include: ["*.ts"],
    }),
  );
});

afterEach(() => project.remove());

/** What the compiler has to say about programs. */
async function compile(programs: readonly Program[]): Promise<string> {
  expect(built, "the package is built first: npm run build").toBe(true);
  for (const { name, code } of programs) project.write(`${name}.ts`, code);
  const { stdout, stderr } = await project.run(tsc, "-p", ".");
  return stdout + stderr;
}

const usualBroker = /mqtt:\/\/(localhost|127\.0\.0\.1):1883/g;
const fence = "```";
const page = `Text.

${fence}ts quickstart
import { systemRandom } from "@mailboat/outbox";
const dice = systemRandom();
${fence}

More text.

${fence}ts continued
const fraction: number = dice.fraction();
console.log("drew", fraction, "of 1");
${fence}

${fence}text quickstart
drew … of 1
${fence}

<!-- ts
declare const hidden: string;
-->

${fence}ts continued
const wrong: number = hidden;
${fence}

${fence}sh
npm test
${fence}
`;

describe("a page's programs", () => {
  test("are its ts blocks, with what they continue", () => {
    const [first, second, ...others] = programsOf("docs/page.md", page);
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      name: "docs_page_md_4",
      words: ["quickstart"],
      code: expect.stringMatching(/systemRandom[^]*drew/),
    });
    expect(second!.code).toMatch(/hidden: string[^]*wrong: number/);
  });

  test("keep the line numbers of the page", () => {
    const line = (text: string) =>
      text.split("\n").findIndex((one) => one.includes('drew", fraction'));
    const [first] = programsOf("page.md", page);
    expect(line(first!.code)).toBe(line(page));
  });

  test("are refused by their line when they do not compile", async () => {
    const line = page.split("\n").findIndex((one) => one.includes("wrong")) + 1;
    const output = await compile(programsOf("page.md", page));
    expect(output.trim().split("\n")).toEqual([
      expect.stringContaining(`page_md_20.ts(${line},7): error TS2322`),
    ]);
  });

  test("run, and print what the page says or are found out", async () => {
    const [first] = programsOf("page.md", page);
    await compile([first!]);
    const { status, stdout } = await project.run("node", "js/page_md_4.js");
    const expected = blocksOf(page).find(({ language }) => language === "text");
    expect(status).toBe(0);
    expect(matches(expected!.code, stdout)).toBe(true);
    expect(matches("drew … of 2", stdout)).toBe(false);
    expect(matches("drew …", `${stdout}and more`)).toBe(false);
  });

  test("cannot continue where nothing began", () => {
    expect(() => programsOf("a.md", `${fence}ts continued\n${fence}`)).toThrow(
      "a.md:2 continues nothing",
    );
  });
});

describe("the docstrings", () => {
  test("are refused by the line of an example that does not compile", async () => {
    const surface = new Map([["systemClock", "@mailboat/outbox"]]);
    const doc = [" * Tells it.", fence + "ts", "systemClock().now();", fence];
    const text = `/**\n${doc.join("\n * ")}\n */\nexport const a = 1;\n`;
    const sample = parse("src/a.ts", text);
    project.write("granted.d.ts", takenForGranted);
    expect(await compile(examplesOf(sample, { surface, own: "./a.js" })))
      .toMatch(/^src_a_ts_4\.ts\(4,15\): error TS2339/);
  });

  test("every example in them compiles against the built package", async () => {
    const surface = surfaceOf(JSON.parse(read("deno.json")));
    const examples = theSources()
      .filter(({ path }) => /^(mod\.ts|src\/|adapters\/)/.test(path))
      .flatMap((file) => examplesOf(file, { surface, own: builtFrom(file) }));
    expect(examples).not.toEqual([]);
    project.write("granted.d.ts", takenForGranted);
    expect(await compile(examples)).toBe("");
  });
});

function builtFrom({ path }: SourceFile): string {
  const built = `dist/${path.replace(/\.ts$/, ".js")}`;
  return fileURLToPath(new URL(built, root));
}

// Without a README there is nothing to check, which only a draft may get by with.
describe.skipIf(!hasReadme && !process.env["CI"])("the documentation", () => {
  test("every program in it compiles against the built package", async () => {
    const pages = [...readTree()].filter(([path]) =>
      /^(README|docs\/(?!decisions\/).*)\.md$/.test(path)
    );
    const programs = pages.flatMap(([path, text]) => programsOf(path, text));
    expect(programs).not.toEqual([]);
    project.write("modules.d.ts", modulesOfRuntimes);
    expect(await compile(programs)).toBe("");
  });

  test("the quickstart prints what the page says", async (context) => {
    if (withoutMosquitto) context.skip("mosquitto is not installed");
    const readme = read("README.md");
    const isQuickstart = ({ words }: { readonly words: readonly string[] }) =>
      words.includes("quickstart");
    const [program] = programsOf("README.md", readme).filter(isQuickstart);
    const expected = blocksOf(readme).filter(isQuickstart)
      .find(({ language }) => language === "text");
    expect(program, "a block fenced as ts quickstart").toBeDefined();
    expect(expected, "a block fenced as text quickstart").toBeDefined();
    const broker = await startMosquitto();
    // The page names the port that brokers have; the test has one of its own.
    const code = program!.code.replaceAll(usualBroker, broker.url);
    try {
      expect(await compile([{ ...program!, code }])).toBe("");
      const ended = await project.run("node", `js/${program!.name}.js`);
      expect(ended).toMatchObject({ status: 0, stderr: "" });
      expect(ended.stdout).toSatisfy((printed: string) =>
        matches(expected!.code, printed)
      );
    } finally {
      await broker.stop();
    }
  });
});
