/**
 * A source file as its syntax tree, with the questions that the architecture
 * tests ask of it.
 *
 * @module
 */

import { type Comment, parseSync } from "oxc-parser";

/** A node of the syntax tree, seen without its exact kind. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** A node with its place in the tree. */
export interface Placed {
  readonly node: Node;
  readonly parent: Placed | null;
  /** The parent's property that holds it. */
  readonly key: string;
}

/** A file and its tree. */
export interface SourceFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly Placed[];
  readonly comments: readonly Comment[];
}

/** Parses a TypeScript or JavaScript file. */
export function parse(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, {
    sourceType: "module",
  });
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const nodes: Placed[] = [];
  walk(program as unknown as Node, null, "program", nodes);
  return { path, text, nodes, comments };
}

/** Where a node begins, for messages. */
export function lineOf(
  file: SourceFile,
  node: { readonly start: number },
): number {
  return file.text.slice(0, node.start).split("\n").length;
}

/** The nodes of some kinds. */
export function nodesOf(file: SourceFile, ...types: string[]): Placed[] {
  return file.nodes.filter(({ node }) => types.includes(node.type));
}

/** One import, re-export or dynamic import. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Relative to the root for a relative specifier, else as written. */
  readonly target: string;
  /** Whether it disappears from the compiled code. */
  readonly typeOnly: boolean;
}

/** Everything the file imports. */
export function importsOf(file: SourceFile): Import[] {
  const found = nodesOf(
    file,
    "ImportDeclaration",
    "ImportExpression",
    "ExportNamedDeclaration",
    "ExportAllDeclaration",
    "TSImportType",
  );
  return found.flatMap(({ node }) => {
    const source = node["source"] as Node | null | undefined;
    if (!source) return [];
    const specifier = String(source["value"] ?? constantOf(file, source));
    const target = specifier.startsWith(".")
      ? new URL(specifier, `file:///${file.path}`).pathname.slice(1)
      : specifier;
    return [{ specifier, target, typeOnly: isTypeOnly(node) }];
  });
}

/** The text of a constant that an import names: what no compiler is to look for. */
function constantOf(file: SourceFile, { name }: Node): unknown {
  const constant = nodesOf(file, "VariableDeclarator").find(({ node }) =>
    (node["id"] as Node)["name"] === name
  );
  return (constant?.node["init"] as Node | undefined)?.["value"];
}

/** The names that the file exports, values and types. */
export function exportsOf(file: SourceFile): string[] {
  return nodesOf(file, "ExportNamedDeclaration").flatMap(({ node }) => {
    const declaration = node["declaration"] as Node | null;
    const declared = declaration
      ? (declaration["declarations"] as Node[] | undefined) ?? [declaration]
      : [];
    const specifiers = (node["specifiers"] as Node[] | undefined) ?? [];
    return [
      ...declared.map(({ id }) => id as Node),
      ...specifiers.map(({ exported }) => exported as Node),
    ].map(({ name }) => String(name));
  });
}

/** A global that the code reads: `Date.now` with its member, or `setTimeout`. */
export interface GlobalUse {
  readonly name: string;
  readonly line: number;
}

/** The globals that the file uses as values; what it declares itself is none. */
export function globalsOf(file: SourceFile): GlobalUse[] {
  const uses = nodesOf(file, "Identifier").filter(isReference);
  const own = new Set(
    nodesOf(file, "Identifier").filter(isDeclaration).map(nameOf),
  );
  return uses.filter((use) => !own.has(nameOf(use))).map((use) => ({
    name: memberName(use),
    line: lineOf(file, use.node),
  }));
}

/** A function or method, and how many lines it takes. */
export interface FunctionSpan {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** The functions of the file, nested ones included. */
export function functionsOf(file: SourceFile): FunctionSpan[] {
  const functions = nodesOf(
    file,
    "FunctionDeclaration",
    "FunctionExpression",
    "ArrowFunctionExpression",
  );
  return functions.map(({ node, parent }) => {
    const holder = parent?.node;
    const named = [node["id"], holder?.["key"], holder?.["id"]] as Node[];
    const name = named.find((candidate) => candidate?.["name"])?.["name"];
    const line = lineOf(file, node);
    const lines = lineOf(file, { start: node.end }) - line + 1;
    return { name: String(name ?? "(anonymous)"), line, lines };
  });
}

/** The doc comment directly above a node, or an empty string. */
export function docOf(file: SourceFile, node: Node): string {
  const above = file.comments.filter((comment) =>
    comment.end <= node.start &&
    file.text.slice(comment.end, node.start).trim() === ""
  );
  return above.at(-1)?.value ?? "";
}

function walk(
  node: Node,
  parent: Placed | null,
  key: string,
  into: Placed[],
): void {
  const placed = { node, parent, key };
  into.push(placed);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === "string") walk(child, placed, name, into);
    }
  }
}

function isTypeOnly(node: Node): boolean {
  if (node.type === "TSImportType") return true;
  const kind = node["importKind"] ?? node["exportKind"];
  if (kind === "type") return true;
  const specifiers = (node["specifiers"] ?? []) as Node[];
  return specifiers.length > 0 &&
    specifiers.every((specifier) =>
      (specifier["importKind"] ?? specifier["exportKind"]) === "type"
    );
}

const nameOf = ({ node }: Placed): string => String(node["name"]);

function memberName({ node, parent, key }: Placed): string {
  const name = String(node["name"]);
  if (parent?.node.type !== "MemberExpression" || key !== "object") return name;
  const property = parent.node["property"] as Node;
  return `${name}.${property["name"] ?? property["value"]}`;
}

/** Whether an identifier stands for a value, not for a name or a type. */
function isReference(placed: Placed): boolean {
  const { parent, key } = placed;
  if (!parent || isDeclaration(placed)) return false;
  const { type, computed, operator } = parent.node;
  if (operator === "instanceof" && key === "right") return false;
  if (type.startsWith("TS") && key !== "expression") return false;
  if (/^(Import|Export)\w*Specifier$/.test(type)) return false;
  const named = key === "property" || key === "key" || key === "label";
  return !named || computed === true;
}

/** Where an identifier gives a name to something of the file's own. */
const declarers: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ["id"],
  FunctionDeclaration: ["id", "params"],
  FunctionExpression: ["id", "params"],
  ArrowFunctionExpression: ["params"],
  ClassDeclaration: ["id"],
  CatchClause: ["param"],
  ImportSpecifier: ["local"],
  ImportDefaultSpecifier: ["local"],
  ImportNamespaceSpecifier: ["local"],
  ArrayPattern: ["elements"],
  AssignmentPattern: ["left"],
  RestElement: ["argument"],
};

function isDeclaration({ parent, key }: Placed): boolean {
  if (!parent) return false;
  if (parent.node.type === "Property" && key === "value") {
    return parent.parent?.node.type === "ObjectPattern";
  }
  return declarers[parent.node.type]?.includes(key) ?? false;
}
