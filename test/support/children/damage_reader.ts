/**
 * Looks at damaged databases, one after the other, and reports on each: what
 * ends this process ends with the report missing.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { drawDamage, textDamages } from "../../security/damage.ts";
import {
  createTemplate,
  judge,
  WAITING,
} from "../../security/damaged_outbox.ts";
import type { DamageOrder } from "../../security/damages.ts";
import { leave, nextOrder, report } from "./parent.ts";

const { folder, seed, first, count, texts } = await nextOrder<DamageOrder>();
const own = mkdtempSync(join(folder, "reader-"));
process.on("unhandledRejection", (reason) => {
  report({ type: "stray", reason: String(reason) });
});
const template = await createTemplate(join(own, "template.db"));
const all = textDamages();
for (let at = first; at < first + count; at++) {
  const damage = texts
    ? all[at]!
    : drawDamage(createSeededRandom(seed + at), WAITING);
  const path = join(own, `${at}.db`);
  report({ type: "began", at, name: damage.name });
  const verdict = await judge(path, template, damage);
  for (const end of ["", "-wal", "-shm"]) rmSync(path + end, { force: true });
  report({ type: "judged", at, name: damage.name, verdict });
}
rmSync(own, { recursive: true, force: true });
report({ type: "done" });
leave();
