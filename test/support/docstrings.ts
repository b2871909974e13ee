/**
 * The examples in docstrings, as programs.
 *
 * An example shows a call and not a whole module, so what the package exports
 * is imported for it, and a few names are taken for granted.
 *
 * @module
 */

import { type Program, programsOf } from "./snippets.ts";
import { exportsOf, lineOf, parse, type SourceFile } from "./source_file.ts";
import { read } from "./source_tree.ts";

/** Modules that are part of a runtime, and have no types here. */
export const modulesOfRuntimes: string = `
declare module "bun:sqlite" {
  export class Database {
    constructor(path: string);
    readonly inTransaction: boolean;
    exec(sql: string): void;
    close(throwOnError?: boolean): void;
    clearQueryCache(): void;
    prepare(sql: string): {
      all(...values: unknown[]): unknown[];
      run(...values: unknown[]): { changes: number };
      safeIntegers(enabled: boolean): unknown;
      finalize(): void;
    };
  }
}
`;

/** What an example may use without saying where it comes from. */
export const takenForGranted: string = `
interface Transaction {
  insert(table: object): { values(row: object): Promise<void> };
}
interface Statement { readonly sql: string }
type Mailboat = typeof import("@mailboat/outbox");

declare const storage:
  & import("@mailboat/outbox").Storage<Transaction, Statement>
  & import("@mailboat/outbox").InboxStorage<Transaction>
  & import("@mailboat/outbox").LetterStorage<Transaction>;
declare const payload: Uint8Array;
declare const event: import("@mailboat/outbox").ReceivedEvent;
declare const transport: import("@mailboat/outbox").Transport;
declare const outbox: import("@mailboat/outbox").Outbox<object, Statement>;
declare const relay: import("@mailboat/outbox").Relay;
declare const signal: AbortSignal;
declare const options: { readonly leaseMs?: number };

declare const db: {
  readonly $client: import("@libsql/client").Client;
  transaction(body: (tx: Transaction) => Promise<void>): Promise<void>;
};
declare const client: import("@libsql/client").Client;
declare const ctx: {
  readonly storage:
    import("@mailboat/outbox/durable-object").DurableObjectStorageLike;
};
declare const env: { readonly DB: D1Binding };
interface D1Binding {
  prepare(query: string): D1Prepared;
  batch(
    statements: D1Prepared[],
  ): Promise<readonly import("@mailboat/outbox/d1").D1Answer[]>;
}
interface D1Prepared {
  bind(...values: readonly unknown[]): D1Prepared;
  all(): Promise<import("@mailboat/outbox/d1").D1Answer>;
}
declare const tx: Transaction;
declare const createClient: typeof import("@libsql/client").createClient;
declare const drizzle: typeof import("drizzle-orm/libsql").drizzle;
declare const v: typeof import("valibot");

${modulesOfRuntimes}
declare const reading: { readonly meter: string; readonly kwh: number };
declare const readings:
  import("drizzle-orm/sqlite-core").SQLiteTableWithColumns<any>;
declare function insertReading(row: typeof reading): Statement;
declare const meterRead: import("@mailboat/outbox").EventDefinition<
  typeof reading,
  typeof reading
>;
`;

/** Where each exported name is imported from. */
export type Surface = ReadonlyMap<string, string>;

/** The names that the entry points of the package export. */
export function surfaceOf(manifest: {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}): Surface {
  return new Map(
    Object.entries(manifest.exports).flatMap(([subpath, target]) =>
      exportsOf(parse(target, read(target))).map((name) =>
        [name, manifest.name + subpath.slice(1)] as const
      )
    ),
  );
}

/** The programs in the docstrings of a file; `own` is where it is built to. */
export function examplesOf(
  file: SourceFile,
  { surface, own }: { readonly surface: Surface; readonly own: string },
): Program[] {
  const names = new Map(surface);
  for (const name of exportsOf(file)) names.set(name, own);
  return file.comments.flatMap((comment) => {
    const text = comment.value.replace(/^ *\* ?/gm, "");
    const above = "\n".repeat(lineOf(file, comment) - 1);
    return programsOf(file.path, above + text).map((program) => ({
      ...program,
      code: importsFor(program.code, names) + program.code,
    }));
  });
}

/** One line that imports what the code mentions and does not declare. */
function importsFor(code: string, names: Surface): string {
  const imports = [...names].filter(([name]) =>
    new RegExp(`\\b${name}\\b`).test(code) &&
    !new RegExp(`\\b(const|let|function|class|interface) ${name}\\b`).test(code)
  );
  return imports.map(([name, from]) => `import { ${name} } from "${from}"; `)
    .join("");
}
