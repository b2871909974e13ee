/** Says with which codes a storage refuses a database that it may not write. */

import { libsqlStorage } from "@mailboat/outbox/libsql";

const [path] = process.argv.slice(2);
const storage = libsqlStorage(path!);
const codeOf = (error: { code?: unknown }) => String(error.code ?? error);

console.log(await storage.migrate().then(() => "migrated", codeOf));
console.log(await storage.open().then(() => "opened", codeOf));
