/**
 * How a file of this project looks: its size, its names, its comments.
 */

import { describe } from "vitest";
import { fileRule, type Samples, treeRule } from "./support/rule.ts";
import {
  docOf,
  functionsOf,
  lineOf,
  type Node,
  nodesOf,
  type SourceFile,
} from "./support/source_file.ts";
import { read } from "./support/source_tree.ts";

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;
const MAX_CONTRACT_METHODS = 6;

const shipped = /^(mod\.ts|(src|adapters|examples)\/.*\.ts)$/;
const contracts =
  /^src\/(codec|storage|store|dead_letter_store|inbox_storage|transport)\.ts$/;

describe("sizes", () => {
  fileRule(`a file has at most ${MAX_FILE_LINES} lines`, {
    files: shipped,
    problems: ({ text }) => {
      const lines = text.trimEnd().split("\n").length;
      return lines > MAX_FILE_LINES ? [`${lines} lines`] : [];
    },
    refuses: [["src/a.ts", "f();\n".repeat(MAX_FILE_LINES + 1)]],
    accepts: [["src/a.ts", "f();\n".repeat(MAX_FILE_LINES)]],
  });

  fileRule(`a function has at most ${MAX_FUNCTION_LINES} lines`, {
    files: shipped,
    problems: (file) =>
      functionsOf(file).filter(({ lines }) => lines > MAX_FUNCTION_LINES)
        .map(({ name, line, lines }) =>
          `line ${line}: ${name}: ${lines} lines`
        ),
    refuses: [
      ["src/a.ts", `function f() {\n${"g();\n".repeat(70)}}`],
      ["src/a.ts", `class A {\n#f() {\n${"g();\n".repeat(70)}}\n}`],
      ["src/a.ts", `const f = () => {\n${"g();\n".repeat(70)}};`],
    ],
    accepts: [["src/a.ts", `function f() {\n${"g();\n".repeat(68)}}`]],
  });

  fileRule(`a contract asks for at most ${MAX_CONTRACT_METHODS} methods`, {
    files: contracts,
    problems: (file) =>
      nodesOf(file, "TSInterfaceDeclaration")
        .map(({ node }) => ({ node, count: methodsOf(file, node).length }))
        .filter(({ count }) => count > MAX_CONTRACT_METHODS)
        .map(({ node, count }) => `${nameOf(node)}: ${count} methods`),
    refuses: [["src/storage.ts", `interface A { ${"f(): void; ".repeat(7)} }`]],
    accepts: [["src/storage.ts", `interface A { ${"f(): void; ".repeat(6)} }`]],
  });
});

describe("names", () => {
  treeRule("a file is named after a concept, in snake_case", {
    problems: (tree) =>
      [...tree.keys()].filter((path) =>
        /^(src|adapters|examples|test|bench)\/.*\.(ts|mjs)$/.test(path)
      ).filter((path) => !isWellNamed(path)),
    refuses: [
      { "src/utils.ts": "" },
      { "adapters/mqtt/types.ts": "" },
      { "test/helpers/broker.ts": "" },
      { "src/deadLetters.ts": "" },
      { "src/dead-letters.ts": "" },
    ],
    accepts: [
      { "src/dead_letters.ts": "", "src/media_type.ts": "" },
      { "test/logic/retry.test.ts": "", "test/vitest.config.ts": "" },
    ],
  });

  fileRule("a number that is a duration carries its unit", {
    files: shipped,
    problems: (file) =>
      nodesOf(file, "TSPropertySignature")
        .filter(({ node }) => isNumber(node) && unitless.test(nameOf(node)))
        .map(({ node }) => `line ${lineOf(file, node)}: ${nameOf(node)}`),
    refuses: [
      ["src/a.ts", "interface A { readonly timeout?: number }"],
      ["src/a.ts", "function f(options: { pollInterval: number }) {}"],
    ],
    accepts: [
      ["src/a.ts", "interface A { timeoutMs: number; lease: Lease }"],
    ],
  });
});

describe("surface", () => {
  fileRule("no default exports", {
    files: shipped,
    // A platform asks for a worker by that name.
    problems: (file) =>
      file.path === "examples/worker/worker.ts"
        ? []
        : placesOf(file, "ExportDefaultDeclaration"),
    refuses: [
      ["src/a.ts", "export default function f() {}"],
      ["adapters/mqtt.ts", "const a = 1; export default a;"],
    ],
    accepts: [["src/a.ts", "export const a = { default: 1 };"]],
  });

  fileRule("no any", {
    files: shipped,
    problems: (file) => placesOf(file, "TSAnyKeyword"),
    refuses: [
      ["src/a.ts", "export function f(x: any): void {}"],
      ["src/a.ts", "const x = y as unknown as any[];"],
    ],
    accepts: [["src/a.ts", "const any = f<unknown>();"]],
  });

  fileRule("only an entry point re-exports, and every export by its name", {
    files: shipped,
    problems: (file) => [
      ...placesOf(file, "ExportAllDeclaration"),
      ...nodesOf(file, "ExportNamedDeclaration")
        .filter(({ node }) => node["source"])
        .filter(() => !entryPoints.includes(`./${file.path}`))
        .map(({ node }) => `line ${lineOf(file, node)}: a barrel`),
    ],
    refuses: [
      ["mod.ts", 'export * from "./src/clock.ts";'],
      ["src/a.ts", 'export { systemClock } from "./clock.ts";'],
      ["adapters/sqlite/mod.ts", 'export type { A } from "./a.ts";'],
    ],
    accepts: [["mod.ts", 'export { systemClock } from "./src/clock.ts";']],
  });

  fileRule("private state is marked with #", {
    files: shipped,
    problems: (file) =>
      nodesOf(file, "PropertyDefinition", "MethodDefinition")
        .filter(({ node }) =>
          (node["accessibility"] && node["kind"] !== "constructor") ||
          nameOf(node["key"]).startsWith("_")
        )
        .map(({ node }) => `line ${lineOf(file, node)}: ${nameOf(node)}`),
    refuses: [
      ["src/a.ts", "class A { private readonly x = 1; }"],
      ["src/a.ts", "class A { _x = 1; }"],
      ["src/a.ts", "class A { protected f(): void {} }"],
    ],
    accepts: [
      ["src/a.ts", "class A { #x = 1; static #f(): void {} }"],
      ["src/a.ts", "class A { private constructor() {} }"],
    ],
  });

  fileRule("a module holds no mutable state and does nothing when imported", {
    files: /^(mod\.ts|(src|adapters)\/.*\.ts)$/,
    problems: stateOf,
    refuses: [
      ["src/a.ts", "let count = 0;"],
      ["src/a.ts", "export let count = 0;"],
      ["src/a.ts", "const seen = new Set<string>();"],
      ["src/a.ts", "const cache = new WeakMap<object, string>();"],
      ["src/a.ts", "const queue: string[] = [];"],
      ["src/a.ts", "register(handler);"],
    ],
    accepts: [
      ["src/a.ts", "const codes: ReadonlySet<number> = new Set([1]);"],
      ["src/a.ts", "const encoder = new TextEncoder();"],
      ["src/a.ts", "export function f() { let x = 0; x++; }"],
    ],
  });
});

describe("comments", () => {
  fileRule("a file begins by saying what it is", {
    files: /^(mod\.ts|(src|adapters)\/.*\.ts)$/,
    problems: ({ comments, text }) =>
      text.startsWith("/**") && /@module\b/.test(comments[0]?.value ?? "")
        ? []
        : ["no module doc at its top"],
    refuses: [
      ["src/a.ts", "export const a = 1;"],
      ["src/a.ts", "/** One. */\nexport const a = 1;"],
    ],
    accepts: [["src/a.ts", "/**\n * One.\n *\n * @module\n */\n"]],
  });

  fileRule(
    "a contract's method says what it promises, may fail with and must not",
    {
      files: contracts,
      problems: (file) =>
        nodesOf(file, "TSInterfaceDeclaration")
          .flatMap(({ node }) => methodsOf(file, node))
          .flatMap((method) =>
            labels.filter((label) => !label.test(docOf(file, method)))
              .map((label) => `${nameOf(method)} lacks ${label.source}`)
          ),
      refuses: unlabelled(),
      accepts: [
        [
          "src/storage.ts",
          "interface A {\n/** **Promises** x. **May fail with** y. " +
          "**Must not** z. */\nf(): void;\n/** A hint. */\nready?(): void }",
        ],
      ],
    },
  );

  fileRule("a comment leaves nothing to be done", {
    files: /^(?!test\/handwriting\.test\.ts$)/,
    problems: ({ comments }) =>
      comments.map(({ value }) => value)
        .filter((value) => /\b(TODO|FIXME|XXX|HACK)\b/.test(value)),
    refuses: [["src/a.ts", "// TODO: handle this"]],
    accepts: [["src/a.ts", "// What is to do next is in the table."]],
  });
});

const labels = [
  /\*\*promises\*\*/i,
  /\*\*may\s+fail(\s+with)?\*\*/i,
  /\*\*must\s+not\*\*/i,
];

/** A sample for each label that may be missing. */
function unlabelled(): Samples {
  const all = ["**Promises** x.", "**May fail with** y.", "**Must not** z."];
  return all.map((label) => {
    const doc = all.filter((other) => other !== label).join("\n * ");
    return [
      "src/transport.ts",
      `interface A {\n/**\n * ${doc}\n */\nf(): void }`,
    ];
  });
}

const entryPoints: readonly string[] = Object.values(
  JSON.parse(read("deno.json")).exports,
);
const unitless =
  /(timeout|delay|interval|duration|deadline|grace|budget|backoff|ttl)$/i;
const collections = /^(Weak)?(Map|Set)$/;
const vague = ["utils", "util", "helpers", "helper", "common", "types", "misc"];

function isWellNamed(path: string): boolean {
  const names = path.split("/").map((name) => name.split(".")[0]!);
  return names.every((name) =>
    /^[a-z0-9_]+$/.test(name) && !vague.includes(name)
  );
}

/** The name of a node, or of the node's key or id. */
function nameOf(node: unknown): string {
  const { name, key, id } = node as Record<string, Node | undefined>;
  return String(name ?? (key ?? id)?.["name"] ?? "");
}

function placesOf(file: SourceFile, type: string): string[] {
  return nodesOf(file, type).map(({ node }) =>
    `line ${lineOf(file, node)}: ${type}`
  );
}

/** The methods that an interface demands; an optional one is a hint. */
function methodsOf(file: SourceFile, declaration: Node): Node[] {
  const body = declaration["body"];
  return nodesOf(file, "TSMethodSignature")
    .filter(({ node, parent }) => parent?.node === body && !node["optional"])
    .map(({ node }) => node);
}

function isNumber(node: Node): boolean {
  const annotation = node["typeAnnotation"] as Node | null;
  const type = annotation?.["typeAnnotation"] as Node | undefined;
  return type?.type === "TSNumberKeyword";
}

/** What a module would keep or do, beyond declaring constants. */
function stateOf(file: SourceFile): string[] {
  const declarations = nodesOf(file, "VariableDeclarator").filter((placed) =>
    isTopLevel(placed.parent!.parent!.node)
  );
  const kept = declarations.filter(({ node, parent }) =>
    parent!.node["kind"] !== "const" || isOpenCollection(node)
  );
  const done = nodesOf(file, "ExpressionStatement").filter(({ parent }) =>
    parent!.node.type === "Program"
  );
  return [...kept, ...done].map(({ node }) =>
    `line ${lineOf(file, node)}: ${file.text.slice(node.start, node.end)}`
  );
}

function isTopLevel({ type }: Node): boolean {
  return type === "Program" || type === "ExportNamedDeclaration";
}

/** A collection that anybody in the module may add to. */
function isOpenCollection({ id, init }: Node): boolean {
  const { typeAnnotation } = id as Node;
  const value = init as Node | null;
  const type = (typeAnnotation as Node | null)?.["typeAnnotation"] as
    | Node
    | undefined;
  if (value?.type === "ArrayExpression") return type?.type === "TSArrayType";
  if (value?.type !== "NewExpression") return false;
  return collections.test(nameOf(value["callee"])) &&
    !nameOf(type?.["typeName"] ?? {}).startsWith("Readonly");
}
