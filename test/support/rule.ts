/**
 * A rule about the sources, as a test that first proves on samples that it can
 * fail, and then looks at the files.
 *
 * @module
 */

import { expect, test } from "vitest";
import { parse, type SourceFile } from "./source_file.ts";
import { readTree, type Tree, treeOf } from "./source_tree.ts";

/** Samples: a path and the content that stands there. */
export type Samples = readonly (readonly [path: string, text: string])[];

/** A rule that looks at one source file at a time. */
export interface FileRule {
  /** Which files it speaks about. */
  readonly files: RegExp;
  /** What is wrong with a file; nothing when it keeps the rule. */
  readonly problems: (file: SourceFile) => readonly string[];
  /** Files that break the rule, each on its own. */
  readonly refuses: Samples;
  /** Files that keep it, though they come close. */
  readonly accepts?: Samples;
}

/** A rule that looks at all files together. */
export interface TreeRule {
  /** What is wrong with the tree; nothing when it keeps the rule. */
  readonly problems: (tree: Tree) => readonly string[];
  /** Trees that break the rule. */
  readonly refuses: readonly Readonly<Record<string, string>>[];
  /** Trees that keep it, though they come close. */
  readonly accepts?: readonly Readonly<Record<string, string>>[];
}

const code = /\.(ts|mjs)$/;
let tree: Tree | undefined;
let sources: readonly SourceFile[] | undefined;

const theTree = (): Tree => tree ??= readTree();

/** The source files of the repository, parsed once. */
export function theSources(): readonly SourceFile[] {
  return sources ??= [...theTree()]
    .filter(([path]) => code.test(path))
    .map(([path, text]) => parse(path, text));
}

/** Makes a test of a rule about single files; its name reads as the rule. */
export function fileRule(name: string, rule: FileRule): void {
  const judge = (path: string, text: string) => {
    expect(path, "a sample that the rule speaks about").toMatch(rule.files);
    return rule.problems(parse(path, text));
  };
  test(name, () => {
    for (const [path, text] of rule.refuses) {
      expect(judge(path, text), `must refuse ${path}: ${text}`).not.toEqual([]);
    }
    for (const [path, text] of rule.accepts ?? []) {
      expect(judge(path, text), `must accept ${path}: ${text}`).toEqual([]);
    }
    const files = theSources().filter(({ path }) => rule.files.test(path));
    expect(files, "files to look at").not.toEqual([]);
    expect(
      files.flatMap((file) =>
        rule.problems(file).map((problem) => `${file.path}: ${problem}`)
      ),
    ).toEqual([]);
  });
}

/** Makes a test of a rule about the whole tree; its name reads as the rule. */
export function treeRule(name: string, rule: TreeRule): void {
  test(name, () => {
    for (const sample of rule.refuses) {
      const found = rule.problems(treeOf(sample));
      expect(found, `must refuse ${JSON.stringify(sample)}`).not.toEqual([]);
    }
    for (const sample of rule.accepts ?? []) {
      const found = rule.problems(treeOf(sample));
      expect(found, `must accept ${JSON.stringify(sample)}`).toEqual([]);
    }
    expect(rule.problems(theTree())).toEqual([]);
  });
}
