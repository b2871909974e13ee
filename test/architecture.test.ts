/**
 * Who may import whom, and where time, dice and the outside world come in.
 */

import { describe } from "vitest";
import { fileRule, treeRule } from "./support/rule.ts";
import {
  globalsOf,
  importsOf,
  lineOf,
  nodesOf,
  parse,
  type SourceFile,
} from "./support/source_file.ts";

/** The files that give the core and the kit their time and their dice. */
const sourcesOfEffects = [
  "src/clock.ts",
  "src/random.ts",
  "src/testing/virtual_clock.ts",
];

/** Globals that do something, know something, or lead to one that does. */
const effects = new RegExp(
  "^(" + [
    "Date|performance|crypto|Math\\.random|Math",
    "set(Timeout|Interval|Immediate)|clear(Timeout|Interval|Immediate)",
    "queueMicrotask|console|process|Deno|Bun|Buffer|fetch|WebSocket",
    "navigator|location|localStorage|caches|Worker|MessageChannel",
    "BroadcastChannel|globalThis|self|window|global|require|eval|Function",
    "AbortSignal\\.timeout|Atomics|Temporal|Intl|scheduler",
    "reportError|requestIdleCallback|requestAnimationFrame",
    "WeakRef|FinalizationRegistry",
  ].join("|") + ")$",
);

/** Packages and neighbouring folders that each technology's adapter may use. */
const technologies: Readonly<
  Record<string, { packages: readonly string[]; rooms: readonly string[] }>
> = {
  sqlite: { packages: ["node:fs"], rooms: [] },
  libsql: { packages: ["@libsql/client"], rooms: ["sqlite"] },
  node: { packages: ["node:sqlite"], rooms: ["sqlite"] },
  durable: { packages: [], rooms: ["sqlite"] },
  d1: { packages: [], rooms: ["sqlite"] },
  better: { packages: ["better-sqlite3"], rooms: ["sqlite"] },
  bun: { packages: ["bun:sqlite"], rooms: ["sqlite"] },
  drizzle: { packages: ["drizzle-orm"], rooms: ["sqlite", "libsql"] },
  mqtt: { packages: ["mqtt", "node:crypto", "node:tls"], rooms: [] },
};

const vocabulary = [
  "advice",
  "message",
  "errors",
  "failure_record",
  "standard_schema",
]
  .map((name) => `src/${name}.ts`);
const contracts = [
  "codec",
  "storage",
  "store",
  "dead_letter_store",
  "inbox_storage",
  "transport",
  "clock",
  "random",
].map((name) => `src/${name}.ts`);

describe("the core", () => {
  fileRule("src/ imports only src/", {
    files: /^src\//,
    problems: (file) =>
      strangers(file, (target) =>
        target.startsWith("src/") ||
        (file.path.startsWith("src/testing/") && target === "mod.ts")),
    refuses: [
      ["src/a.ts", 'import { readFile } from "node:fs/promises";'],
      ["src/a.ts", 'import type { Client } from "@libsql/client";'],
      ["src/a.ts", 'const mqtt = await import("mqtt");'],
      ["src/a.ts", 'export type T = import("mqtt").MqttClient;'],
      ["src/logic/a.ts", 'export { x } from "../../adapters/mqtt.ts";'],
      ["src/a.ts", 'import { defineEvent } from "../mod.ts";'],
    ],
    accepts: [
      ["src/a.ts", 'import { x } from "./logic/lanes.ts";'],
      ["src/testing/a.ts", 'import { defineEvent } from "../../mod.ts";'],
    ],
  });

  fileRule("vocabulary imports nothing but vocabulary, and only types", {
    files: new RegExp(`^(${vocabulary.join("|")})$`),
    problems: (file) => strangers(file, onlyTypesOf(vocabulary)),
    refuses: [
      ["src/message.ts", 'import { shorten } from "./errors.ts";'],
      ["src/errors.ts", 'import type { Clock } from "./clock.ts";'],
    ],
    accepts: [["src/message.ts", 'import type { E } from "./errors.ts";']],
  });

  fileRule("a contract imports nothing but types of vocabulary and contracts", {
    files: new RegExp(`^(${contracts.join("|")})$`),
    problems: (file) =>
      strangers(file, onlyTypesOf([...vocabulary, ...contracts])),
    refuses: [
      ["src/storage.ts", 'import { MailboatError } from "./errors.ts";'],
      ["src/storage.ts", 'import type { Outbox } from "./outbox.ts";'],
      ["src/clock.ts", 'import { next } from "./logic/retry.ts";'],
    ],
    accepts: [["src/storage.ts", 'import type { M } from "./message.ts";']],
  });

  fileRule("src/logic/ imports values only from src/logic/ and errors.ts", {
    files: /^src\/logic\//,
    problems: (file) =>
      strangers(
        file,
        (target, typeOnly) =>
          typeOnly || target.startsWith("src/logic/") ||
          target === "src/errors.ts",
      ),
    refuses: [
      ["src/logic/a.ts", 'import { systemClock } from "../clock.ts";'],
      ["src/logic/a.ts", 'import { type A, b } from "../turn.ts";'],
      ["src/logic/a.ts", 'import "../id.ts";'],
    ],
    accepts: [
      ["src/logic/a.ts", 'import type { Clock } from "../clock.ts";'],
      ["src/logic/a.ts", 'import { type A, type B } from "../turn.ts";'],
      ["src/logic/a.ts", 'import { InputError } from "../errors.ts";'],
    ],
  });

  fileRule("src/logic/ never waits", {
    files: /^src\/logic\//,
    problems: (file) =>
      nodesOf(file, ...waiting)
        .filter(({ node }) => waits(node))
        .map(({ node }) => `line ${lineOf(file, node)}: ${node.type}`)
        .concat(
          globalsOf(file).filter(({ name }) => /^Promise\b/.test(name))
            .map(({ name, line }) => `line ${line}: ${name}`),
        ),
    refuses: [
      ["src/logic/a.ts", "export async function f() {}"],
      ["src/logic/a.ts", "export const f = async () => {};"],
      ["src/logic/a.ts", "await something;"],
      ["src/logic/a.ts", "for await (const x of xs) f(x);"],
      ["src/logic/a.ts", "export const f = () => Promise.resolve(1);"],
    ],
    accepts: [
      ["src/logic/a.ts", "export function f(x: Promise<void>): boolean {}"],
    ],
  });

  fileRule("time, dice and the outside world enter through arguments", {
    files: /^src\//,
    problems: (file) =>
      sourcesOfEffects.includes(file.path) ? [] : effectsOf(file),
    refuses: [
      ["src/turn.ts", "const now = Date.now();"],
      ["src/turn.ts", "const now = +new Date();"],
      ["src/turn.ts", "const jitter = Math.random();"],
      ["src/turn.ts", "const { random } = Math;"],
      ["src/turn.ts", 'const jitter = Math["random"]();'],
      ["src/turn.ts", "const later = setTimeout;"],
      ["src/turn.ts", "globalThis.setTimeout(f, 1);"],
      ["src/turn.ts", "if (verbose) console.log(message);"],
      ["src/logic/a.ts", "export const at = (now = Date.now()) => now;"],
      ["src/testing/a.ts", "const id = crypto.randomUUID();"],
      ["src/turn.ts", "f({ process });"],
      ["src/turn.ts", "const signal = AbortSignal.timeout(1_000);"],
      ["src/turn.ts", "Atomics.wait(cells, 0, 0, 1_000);"],
      ["src/turn.ts", "const now = Temporal.Now.instant();"],
      ["src/turn.ts", "new Intl.DateTimeFormat().format();"],
    ],
    accepts: [
      ["src/turn.ts", "clock.setTimeout(Math.max(0, options.Date));"],
      ["src/turn.ts", "const dates: Date[] = [];"],
      ["src/turn.ts", "type Later = typeof setTimeout;"],
      ["src/turn.ts", "if (value instanceof Date) f(value);"],
      ["src/turn.ts", "function f(process: () => void) { process(); }"],
      ["src/clock.ts", "const now = Date.now();"],
      ["src/turn.ts", "const given = AbortSignal.any([one, other]);"],
    ],
  });

  fileRule("the core never imports the kit", {
    files: /^(mod\.ts|src\/(?!testing\/))/,
    problems: (file) =>
      strangers(file, (target) => !target.startsWith("src/testing/")),
    refuses: [
      ["src/a.ts", 'import { memoryStorage } from "./testing/mod.ts";'],
      ["mod.ts", 'export { memoryStorage } from "./src/testing/mod.ts";'],
    ],
  });

  fileRule("the kit imports the surface, the logic and itself", {
    files: /^src\/testing\//,
    problems: (file) =>
      strangers(
        file,
        (target) =>
          target === "mod.ts" || /^src\/(testing|logic)\//.test(target),
      ),
    refuses: [["src/testing/a.ts", 'import { turn } from "../turn.ts";']],
  });

  fileRule("nothing but mod.ts imports relay.ts", {
    files: /^(src|adapters)\//,
    problems: (file) => strangers(file, (target) => target !== "src/relay.ts"),
    refuses: [
      ["src/turn.ts", 'import { createRelay } from "./relay.ts";'],
      ["src/turn.ts", 'import type { Relay } from "./relay.ts";'],
    ],
    accepts: [["src/a.ts", 'import { x } from "./relay_options.ts";']],
  });
});

describe("the adapters", () => {
  fileRule("an adapter imports mod.ts and its own technology", {
    files: /^adapters\//,
    problems: (file) => {
      const name = technologyOf(file.path);
      const own = technologies[name];
      if (!own) return [`name the packages that ${name} may use in this test`];
      const rooms = [name, ...own.rooms];
      return strangers(file, (target) =>
        target === "mod.ts" ||
        rooms.includes(technologyOf(target)) ||
        own.packages.some((its) =>
          target === its || target.startsWith(`${its}/`)
        ));
    },
    refuses: [
      ["adapters/mqtt.ts", 'import type { Message } from "../src/message.ts";'],
      ["adapters/mqtt.ts", 'import { createClient } from "@libsql/client";'],
      ["adapters/libsql.ts", 'import { watch } from "node:fs";'],
      ["adapters/sqlite/read.ts", 'import { x } from "../drizzle.ts";'],
      ["adapters/kafka.ts", 'import { Kafka } from "kafkajs";'],
      ["adapters/mqtt.ts", 'const M: string = "kafkajs"; await import(M);'],
      ["adapters/mqtt.ts", "await import(name);"],
    ],
    accepts: [
      ["adapters/libsql.ts", 'import { sql } from "./sqlite/schema.ts";'],
      ["adapters/sqlite/read.ts", 'import type { A } from "../../mod.ts";'],
      ["adapters/drizzle_schema.ts", 'import { x } from "drizzle-orm/core";'],
      ["adapters/mqtt/packet.ts", 'import { x } from "./codes.ts";'],
      ["adapters/bun.ts", 'const M: string = "bun:sqlite"; await import(M);'],
    ],
  });

  fileRule("an adapter has no timers, dice, clock or console: no policy", {
    files: /^adapters\//,
    problems: effectsOf,
    refuses: [
      ["adapters/mqtt.ts", "setTimeout(reconnect, 1000);"],
      ["adapters/mqtt.ts", 'console.warn("offline");'],
      ["adapters/sqlite/write.ts", "const now = Date.now();"],
    ],
    accepts: [["adapters/mqtt.ts", "new AbortController().abort();"]],
  });
});

treeRule("no module imports itself, by whatever way round", {
  problems: (tree) => {
    const imports = new Map(
      [...tree].filter(([path]) => /^(mod\.ts|src|adapters)/.test(path)).map(
        ([path, text]) => [
          path,
          importsOf(parse(path, text)).map(({ target }) => target),
        ],
      ),
    );
    return cyclesOf(imports);
  },
  refuses: [
    { "src/a.ts": 'import "./a.ts";' },
    {
      "src/a.ts": 'import { b } from "./b.ts";',
      "src/b.ts": 'export { c } from "./logic/c.ts";',
      "src/logic/c.ts": 'import type { A } from "../a.ts";',
    },
  ],
  accepts: [{
    "src/a.ts": 'import "./b.ts"; import "./c.ts";',
    "src/b.ts": 'import "./c.ts";',
    "src/c.ts": "",
  }],
});

const waiting = [
  "AwaitExpression",
  "ForOfStatement",
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
];

function waits(node: { readonly [key: string]: unknown }): boolean {
  return node["type"] === "AwaitExpression" || node["await"] === true ||
    node["async"] === true;
}

type Permits = (target: string, typeOnly: boolean) => boolean;

/** The imports that are not permitted. */
function strangers(file: SourceFile, permits: Permits): string[] {
  return importsOf(file)
    .filter(({ target, typeOnly }) => !permits(target, typeOnly))
    .map(({ specifier }) => `imports ${specifier}`);
}

function onlyTypesOf(paths: readonly string[]): Permits {
  return (target, typeOnly) => typeOnly && paths.includes(target);
}

function effectsOf(file: SourceFile): string[] {
  return globalsOf(file)
    .filter(({ name }) => effects.test(name) || effects.test(head(name)))
    .map(({ name, line }) => `line ${line}: ${name}`);
}

/** `Date` of `Date.now`; but `Math.max` is no effect, so `Math` counts alone. */
function head(name: string): string {
  const first = name.split(".")[0]!;
  return first === "Math" ? "" : first;
}

/** `libsql` of adapters/libsql.ts, adapters/libsql_schema.ts, adapters/libsql/x.ts. */
function technologyOf(path: string): string {
  return /^adapters\/([a-z0-9]+)/.exec(path)?.[1] ?? path;
}

/** Every import that closes a circle. */
function cyclesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
    }
    if (done.has(path) || trail.includes(path)) return;
    for (const target of imports.get(path) ?? []) {
      visit(target, [...trail, path]);
    }
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return found;
}
