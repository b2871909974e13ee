/**
 * The manifests say the same thing everywhere, and nothing is committed that
 * only one machine understands.
 */

import { describe } from "vitest";
import { treeRule } from "./support/rule.ts";
import { read, type Tree } from "./support/source_tree.ts";

interface DenoManifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
}

interface NpmManifest extends Omit<DenoManifest, "exports"> {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly files: readonly string[];
  readonly sideEffects: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<
    Record<string, { readonly optional?: boolean }>
  >;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface TsConfig {
  readonly compilerOptions: {
    readonly paths: Readonly<Record<string, readonly string[]>>;
  };
}

const real = {
  "deno.json": read("deno.json"),
  "package.json": read("package.json"),
  "tsconfig.json": read("tsconfig.json"),
  ".ci/package.json": read(".ci/package.json"),
};

const deno = (tree: Tree): DenoManifest => JSON.parse(tree.get("deno.json")!);
const npm = (tree: Tree): NpmManifest => JSON.parse(tree.get("package.json")!);
const tsconfig = (tree: Tree): TsConfig =>
  JSON.parse(tree.get("tsconfig.json")!);

/** What npm ships: the bundle, and the types of the modules it is made of. */
const shipped = [
  "dist/bundle",
  "dist/mod.d.ts",
  "dist/src/**/*.d.ts",
  "dist/adapters/**/*.d.ts",
];

describe("manifests", () => {
  treeRule("deno.json and package.json export the same, in both directions", {
    problems: (tree) => {
      const built = Object.entries(deno(tree).exports).map(
        ([subpath, path]) => {
          const name = path.replace(/^\.\/(.*)\.ts$/, "$1");
          return [subpath, {
            types: `./dist/${name}.d.ts`,
            default: `./dist/bundle/${name}.js`,
          }];
        },
      );
      const { "./package.json": _itself, ...published } = npm(tree).exports;
      return differences(Object.fromEntries(built), published);
    },
    refuses: [
      changed("deno.json", '"./mqtt":', '"./mqtt5":'),
      changed("package.json", '"./testing": {', '"./tests": {'),
      changed("package.json", "./dist/mod.d.ts", "./dist/mod.d.js"),
      changed("package.json", "./dist/bundle/mod.js", "./dist/mod.js"),
    ],
    accepts: [real],
  });

  treeRule("every export leads to a file that is published", {
    problems: (tree) => {
      const { exports, publish } = deno(tree);
      const files = Object.values(exports).map((path) => path.slice(2));
      return [
        ...files.filter((path) => !tree.has(path)),
        ...files.filter((path) =>
          !publish.include.includes(path.split("/")[0]!)
        ),
        ...shipped.filter((path) => !npm(tree).files.includes(path)),
      ];
    },
    refuses: [
      real,
      { ...withFiles(), ...changed("deno.json", '"adapters",', "") },
      { ...withFiles(), ...changed("package.json", '"dist/bundle",', "") },
    ],
    accepts: [withFiles()],
  });

  treeRule("the compiler finds the package's own name where Deno does", {
    problems: (tree) => {
      const { name, exports } = deno(tree);
      const expected = Object.entries(exports).map(([subpath, path]) => [
        name + subpath.slice(1),
        [path],
      ]);
      return differences(
        Object.fromEntries(expected),
        tsconfig(tree).compilerOptions.paths,
      );
    },
    refuses: [changed("tsconfig.json", "./adapters/mqtt.ts", "./mqtt.ts")],
    accepts: [real],
  });

  treeRule("name, version and licence are the same for JSR and npm", {
    problems: (tree) => {
      const fields = ["name", "version", "license"] as const;
      return fields.filter((field) => deno(tree)[field] !== npm(tree)[field]);
    },
    refuses: [
      changed("deno.json", /"version": "[^"]+"/, '"version": "9.9.9"'),
      changed("package.json", '"MIT"', '"ISC"'),
    ],
    accepts: [real],
  });

  treeRule("the licence is published on both, and has the name that they say", {
    problems: (tree) => {
      const { license, publish } = deno(tree);
      const text = tree.get("LICENSE");
      return [
        // npm publishes it unasked, JSR what is included.
        ...(publish.include.includes("LICENSE") ? [] : ["not on JSR"]),
        ...(text?.startsWith(`${license} License\n`) ? [] : ["no such text"]),
      ];
    },
    refuses: [
      real,
      { ...real, LICENSE: "ISC License\n" },
      { ...changed("deno.json", '"LICENSE",', ""), LICENSE: "MIT License\n" },
    ],
    accepts: [{ ...real, LICENSE: "MIT License\n" }],
  });

  treeRule("a bundler may drop what is not used, and nothing else is shipped", {
    problems: (tree) => {
      const { sideEffects, files } = npm(tree);
      return [
        ...(sideEffects === false ? [] : ["sideEffects is not false"]),
        ...files.filter((path) => !shipped.includes(path)),
      ];
    },
    refuses: [
      changed("package.json", '"sideEffects": false', '"sideEffects": true'),
      changed("package.json", '"dist/bundle"', '"dist"'),
      changed("package.json", '"dist/src/**/*.d.ts"', '"dist/src"'),
    ],
    accepts: [real],
  });

  treeRule("the package has no dependencies, and its peers are optional", {
    problems: (tree) => {
      const { dependencies, peerDependencies, peerDependenciesMeta } = npm(
        tree,
      );
      return [
        ...Object.keys(dependencies ?? {}),
        ...Object.keys(peerDependencies).filter((name) =>
          !peerDependenciesMeta[name]?.optional
        ),
      ];
    },
    refuses: [
      changed("package.json", '"devDependencies"', '"dependencies"'),
      changed("package.json", '"optional": true', '"optional": false'),
    ].map((sample) => ({ ...real, ...sample })),
    accepts: [real],
  });

  treeRule("Deno and npm ask for the same ranges of the same packages", {
    problems: (tree) => {
      const peers = Object.entries(npm(tree).peerDependencies).map((
        [name, range],
        // A specifier of Deno has room for one range.
      ) => [name, `npm:${name}@${range.split(" ||")[0]}`]);
      return differences(Object.fromEntries(peers), deno(tree).imports);
    },
    refuses: [
      changed("deno.json", /mqtt@\^[\d.]+/, "mqtt@^1.0.0"),
      changed("package.json", /"mqtt": "\^[\d.]+",?/, '"mqtt": "*"'),
    ],
    accepts: [real],
  });

  treeRule("the tests run on exact versions of what the package works with", {
    problems: (tree) => {
      const { peerDependencies } = npm(tree);
      // What is large is installed with the tools of the gate.
      const devDependencies = {
        ...JSON.parse(tree.get(".ci/package.json")!).devDependencies,
        ...npm(tree).devDependencies,
      };
      return Object.keys(peerDependencies).filter((name) =>
        !/^\d+\.\d+\.\d+$/.test(devDependencies[name] ?? "")
      );
    },
    refuses: [
      changed("package.json", /"mqtt": "5\.[\d.]+"/, '"mqtt": "latest"'),
      changed(".ci/package.json", "13.2.0", "^13.2.0"),
    ].map((sample) => ({ ...real, ...sample })),
    accepts: [real],
  });
});

describe("what is committed", () => {
  treeRule("no file names a machine's folders or a registry's host", {
    problems: (tree) =>
      [...tree].flatMap(([path, text]) =>
        text.split("\n").flatMap((line, index) =>
          local.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : []
        )
      ),
    refuses: [
      { "docs/a.md": `see ${slash}work${slash}main` },
      { "src/a.ts": `const path = "${slash}tmp${slash}a.db";` },
      { "README.md": `run it in ${slash}root${slash}mailboat` },
      { ".npmrc": ["registry", "example", "org"].join(".") },
    ],
    accepts: [
      { "docs/a.md": "the network/root/cause, at work/play, src/tmp/x" },
      { "docs/a.md": "a schema registry is no broker" },
    ],
  });

  treeRule("a lock file says what, not from where", {
    problems: (tree) =>
      [...tree].filter(([path, text]) =>
        path.endsWith("package-lock.json") && /"resolved":/.test(text)
      ).map(([path]) => path),
    refuses: [{ ".ci/package-lock.json": '{ "resolved": "https:" }' }],
    accepts: [{ "package-lock.json": '{ "version": "1.0.0" }' }],
  });

  treeRule(
    "a binary for musl is locked as one, and not installed beside glibc's",
    {
      problems: (tree) =>
        [...tree].filter(([path]) => path.endsWith("package-lock.json"))
          .flatMap(([path, text]) =>
            Object.entries<{ readonly libc?: readonly string[] }>(
              JSON.parse(text).packages,
            ).filter(([name, { libc }]) =>
              /-(x64|arm64)-musl$/.test(name) && libc?.join() !== "musl"
            ).map(([name]) => `${path}: ${name}`)
          ),
      refuses: [
        {
          "package-lock.json":
            '{ "packages": { "node_modules/a-x64-musl": {} } }',
        },
      ],
      accepts: [{
        "package-lock.json":
          '{ "packages": { "node_modules/a-x64-musl": { "libc": ["musl"] } } }',
      }],
    },
  );

  treeRule("decisions are numbered from 1, without gaps, and have a title", {
    problems: (tree) => {
      const files = [...tree].filter(([path]) =>
        path.startsWith("docs/decisions/") && !path.endsWith("README.md")
      );
      return files.flatMap(([path, text], index) => {
        const number = String(index + 1).padStart(4, "0");
        const named = path.startsWith(`docs/decisions/${number}-`);
        return named && /^docs\/decisions\/\d+-[a-z0-9-]+\.md$/.test(path) &&
            /^# \S/.test(text)
          ? []
          : [`${path} is not ${number}-some-words.md with a title`];
      });
    },
    refuses: [
      { "docs/decisions/0002-second.md": "# Second" },
      {
        "docs/decisions/0001-first.md": "# First",
        "docs/decisions/0001-other.md": "# Other",
      },
      { "docs/decisions/0001-first.md": "No title" },
      { "docs/decisions/first.md": "# First" },
    ],
    accepts: [{
      "docs/decisions/0001-first.md": "# First",
      "docs/decisions/0002-the-second-one.md": "# Second",
      "docs/decisions/README.md": "",
    }],
  });
});

const slash = "/";
const local = new RegExp(
  `(^|[^\\w.-])/(work|root|tmp|home)/|\\b(registry|deb|security)\\.[a-z]+\\.[a-z]+`,
);

/** The real manifests, one of them with something replaced. */
function changed(
  path: keyof typeof real,
  from: string | RegExp,
  to: string,
): typeof real {
  const text = real[path].replace(from, to);
  if (text === real[path]) throw new Error(`${path} has no ${from}`);
  return { ...real, [path]: text };
}

/** The real manifests, with an empty file for each export. */
function withFiles(): Readonly<Record<string, string>> {
  const { exports } = JSON.parse(real["deno.json"]) as DenoManifest;
  const files = Object.values(exports).map((path) => [path.slice(2), ""]);
  return { ...Object.fromEntries(files), ...real };
}

/** The entries that are not in both, or not the same. */
function differences(
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names].flatMap((name) => {
    const [left, right] = [expected, found].map((side) =>
      JSON.stringify(side[name])
    );
    return left === right ? [] : [`${name}: ${left} or ${right}`];
  });
}
