/**
 * Runs cases on workerd: `node worker_host.mjs MODULE [PLATFORM]`, in a project
 * that has the programs of the matrix.
 *
 * The module is a worker that lists and runs its cases; or, without a platform
 * (what miniflare is told, as JSON), only exports `cases`.
 */

import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const [module, platform] = process.argv.slice(2);
const project = process.cwd();
const { startRemoteBrokers } = await import(
  pathToFileURL(join(project, "test/runtime/remote_brokers.js")).href
);
const { version } = createRequire(import.meta.url)("workerd/package.json");
const PATIENCE_MS = 120_000;

/** In an object, as sockets of one request may be closed by another there. */
const worker = `
import { cases } from "./${module}";
import { answer } from "./test/edge/workers/case_list.js";
export class Bench {
  #env;
  constructor(_, env) {
    this.#env = env;
  }
  fetch(request) {
    const list = typeof cases === "function" ? cases(this.#env) : cases;
    return answer(request, list);
  }
}
export default {
  fetch: (request, { BENCH }) =>
    BENCH.get(BENCH.idFromName("bench")).fetch(request),
};
`;

const bench = JSON.stringify({
  durableObjects: { BENCH: { className: "Bench", useSQLite: true } },
});

/** As its user's tool would bundle it. */
const { outputFiles } = await build({
  ...platform === undefined
    ? { stdin: { contents: worker, resolveDir: project } }
    : { entryPoints: [module] },
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  mainFields: ["module", "main"],
  conditions: ["workerd", "worker", "browser", "import"],
  external: ["node:*", "cloudflare:*"],
  write: false,
});

const brokers = await startRemoteBrokers();
const miniflare = new Miniflare({
  host: "127.0.0.1",
  modules: true,
  script: outputFiles[0].text,
  compatibilityDate: "2026-04-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: { BROKERS: brokers.url },
  ...JSON.parse(platform ?? bench),
});
const list = await miniflare.dispatchFetch("http://cases/");
const names = await list.json();
tell({ cases: names.length, version });
for (const [at, name] of names.entries()) {
  tell({ name, error: await outcomeOf(`http://cases/${at}`) });
}
await miniflare.dispose();
brokers.close();

async function outcomeOf(url) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await miniflare.dispatchFetch(url, {
      method: "POST",
      signal,
    });
    return await response.json();
  } catch (error) {
    return String(error);
  }
}

function tell(line) {
  console.log(JSON.stringify(line));
}
