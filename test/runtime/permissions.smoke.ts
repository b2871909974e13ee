import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createProject, type Project, run } from "../support/project.ts";
import {
  type ScriptedBroker,
  startScriptedBroker,
} from "../support/scripted_broker.ts";
import { read } from "../support/source_tree.ts";
import { type Sqld, startSqld } from "../support/sqld.ts";
import { type EntryName, entryOf, moduleOf } from "./entries.ts";
import { packedInto, programOf, projectWith } from "./installing.ts";
import { type Permissions, permissions } from "./permissions.ts";
import { rows } from "./rows.ts";

const row = rows.find(({ runtime }) => runtime === "deno")!;
const adapters = Object.entries<Permissions>(permissions)
  .map(([adapter, { flags, watching }]) => ({
    entry: entryOf(adapter),
    adapter,
    flags,
    watching,
  }));
const watchers = adapters.filter(({ watching }) => watching !== undefined);

let deno: string;
let project: Project;
let broker: ScriptedBroker;
let server: Sqld;

beforeAll(async () => {
  const packed = createProject();
  try {
    const tarball = await packedInto(packed.path);
    const names = adapters.map(({ entry }) => entry);
    [deno, project, broker] = await Promise.all([
      programOf(row),
      projectWith(tarball, names),
      startScriptedBroker(),
    ]);
    // It is installed with the runtime.
    server = await startSqld();
  } finally {
    packed.remove();
  }
  const modules = adapters.map(({ entry }) => moduleOf(entry));
  for (const name of ["drained", ...modules]) {
    project.write(`${name}.mjs`, read(`test/runtime/permitted/${name}.mjs`));
  }
});

afterEach(() => {
  for (const name of ["app.db", "app.db-wal", "app.db-shm"]) {
    rmSync(join(project.path, name), { force: true });
  }
});

afterAll(async () => {
  await broker?.close();
  await server?.stop();
  project?.remove();
});

describe.each(adapters)("what Deno allows $adapter", ({ entry, flags }) => {
  test("suffices", async () => {
    const { status, stdout, stderr } = await runWith(flags, entry);
    expect(status, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ reason: "empty", delivered: 1 });
  });

  test.each(oneLess(flags))("is needed: $left", async ({ rest }) => {
    const { status, stdout } = await runWith(rest, entry);
    expect([status, stdout]).not.toEqual([
      0,
      expect.stringContaining('"delivered":1'),
    ]);
  });
});

describe.each(watchers)("with $watching $adapter", (adapter) => {
  const { entry, flags, watching } = adapter;

  test("notices what others commit, and without does not", async () => {
    const seen = await runWith([...flags, watching!], entry, "watch");
    expect(seen.stdout, seen.stderr).toContain('{"woken":true}');
    const blind = await runWith(flags, entry, "watch");
    expect(blind.stdout, blind.stderr).toContain('{"woken":false}');
  });
});

test("each permission is left out once, and each value of a list", () => {
  expect(oneLess(["--allow-ffi", "--allow-sys=cpus,hostname"])).toEqual([
    { left: "--allow-ffi", rest: ["--allow-sys=cpus,hostname"] },
    { left: "cpus", rest: ["--allow-ffi", "--allow-sys=hostname"] },
    { left: "hostname", rest: ["--allow-ffi", "--allow-sys=cpus"] },
  ]);
});

function runWith(
  flags: readonly string[],
  entry: EntryName,
  ...more: readonly string[]
) {
  const ours = flags.map((flag) =>
    flag.replace("127.0.0.1:1883", `127.0.0.1:${broker.port}`)
      .replace("127.0.0.1:8080", `127.0.0.1:${server.port}`)
  );
  const program = [`${moduleOf(entry)}.mjs`, broker.url, server.url, ...more];
  return run(project.path, deno, ["run", "--no-prompt", ...ours, ...program]);
}

/** The flags without one of them, or without one value of a list. */
function oneLess(flags: readonly string[]) {
  return flags.flatMap((flag, index) => {
    const others = (...instead: readonly string[]) =>
      flags.toSpliced(index, 1, ...instead);
    const [name, list = ""] = flag.split("=");
    const values = list.split(",");
    if (values.length === 1) return [{ left: flag, rest: others() }];
    return values.map((left) => {
      const kept = values.filter((value) => value !== left).join(",");
      return { left, rest: others(`${name}=${kept}`) };
    });
  });
}
