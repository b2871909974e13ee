/**
 * `npm run site`: writes the documentation site to `dist/site`, and checks it.
 *
 * @module
 */

import { resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { apiEntriesOf, writeApiReference } from "./api_reference.ts";
import { flawsOf } from "./flaws.ts";
import { writeSite } from "./site.ts";

const { values } = parseArgs({
  options: {
    /** Where to. */
    out: { type: "string", default: "dist/site" },
    /** Without the API reference, which needs Deno. */
    "without-api": { type: "boolean", default: false },
  },
});

const root = process.cwd();
const out = resolve(root, values.out);
const hasApi = !values["without-api"];
const api = hasApi ? apiEntriesOf(root) : [];
const pages = await writeSite({ root, out, api });
if (hasApi && !await writeApiReference({ root, out })) {
  console.error("The API cannot be documented: --without-api leaves it out");
  process.exit(1);
}
const flaws = await flawsOf(out);
for (const flaw of flaws) console.error(flaw);
if (flaws.length > 0) process.exitCode = 1;
else console.log(`${pages} pages in ${values.out}: open index.html`);
