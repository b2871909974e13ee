/** Migrates every database whose path it is told, and says what came of it. */

import { createClient } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { createInterface } from "node:readline";

const [how] = process.argv.slice(2);

console.log("ready");
for await (const path of createInterface({ input: process.stdin })) {
  const client = how === "client"
    ? createClient({ url: `file:${path}` })
    : undefined;
  try {
    await libsqlStorage(client ?? path).migrate();
    console.log("migrated");
  } catch (error) {
    console.log(String(error));
  } finally {
    client?.close();
  }
}
