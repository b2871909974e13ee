/**
 * Damage to a database file: flipped bits, garbage, lost ends, and values that
 * somebody else has put into the tables.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import type { SeededRandom } from "@mailboat/outbox/testing";
import { rmSync, writeFileSync } from "node:fs";

/** One damage. */
export interface Damage {
  readonly name: string;
  /** What was hit; a row of `message` must not stop the others. */
  readonly target: "file" | "message" | "failure" | "relay" | "schema";
  /** Makes the damaged file out of the bytes of a sound one. */
  apply(path: string, sound: Uint8Array): Promise<void>;
}

/** Draws a damage; half of them hit the file, half go through SQL. */
export function drawDamage(random: SeededRandom, rows: number): Damage {
  return random.chance(0.5) ? ofFile(random) : ofValue(random, rows);
}

/** Every text column of every table, made invalid UTF-8. */
export function textDamages(): Damage[] {
  return Object.entries(TEXTS).flatMap(([table, columns]) =>
    columns.map((column) => update(table, column, "CAST(x'61ff62' AS TEXT)"))
  );
}

const PAGE_BYTES = 4_096;

type Spoil = (random: SeededRandom, bytes: Uint8Array) => Uint8Array | null;

const SPOILS: Readonly<Record<string, Spoil>> = {
  "flipped bits": (random, bytes) => {
    for (let left = random.integer(1, 16); left > 0; left--) {
      const at = random.integer(0, bytes.length - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
    return bytes;
  },
  "flipped bits in one page": (random, bytes) => {
    const page = random.integer(0, bytes.length / PAGE_BYTES - 1);
    for (let left = random.integer(1, 8); left > 0; left--) {
      const at = page * PAGE_BYTES + random.integer(0, PAGE_BYTES - 1);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
    }
    return bytes;
  },
  "garbage in a page": (random, bytes) => {
    const garbage = random.bytes(random.integer(1, 256));
    bytes.set(garbage, random.integer(0, bytes.length - garbage.length));
    return bytes;
  },
  "a damaged header": (random, bytes) => {
    bytes[random.integer(0, 99)] = random.integer(0, 255);
    return bytes;
  },
  "a page of garbage": (random, bytes) => {
    const page = random.integer(0, bytes.length / PAGE_BYTES - 1);
    bytes.set(random.bytes(PAGE_BYTES), page * PAGE_BYTES);
    return bytes;
  },
  "a lost end": (random, bytes) =>
    bytes.slice(0, random.integer(1, bytes.length - 1)),
  "an empty file": () => new Uint8Array(),
  "garbage": (random) => random.bytes(random.integer(1, PAGE_BYTES * 3)),
  "no file": () => null,
};

/** What happens often comes often. */
const FILE_NAMES = [
  ...Array(6).fill("flipped bits"),
  ...Array(6).fill("flipped bits in one page"),
  ...Array(3).fill("garbage in a page"),
  ...Object.keys(SPOILS),
] as const;

function ofFile(random: SeededRandom): Damage {
  const name: string = random.pick(FILE_NAMES);
  return {
    name,
    target: "file",
    apply: (path, sound) => {
      const bytes = SPOILS[name]?.(random, sound.slice()) ?? null;
      if (bytes === null) rmSync(path, { force: true });
      else writeFileSync(path, bytes);
      return Promise.resolve();
    },
  };
}

const MESSAGE_TEXTS: readonly string[] = [
  "id",
  "event",
  "topic",
  "key",
  "content_type",
  "headers",
  "response_topic",
  "correlation_data",
];

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  message: MESSAGE_TEXTS,
  failure: ["key", "state", "trial", "code", "reason"],
  archive: MESSAGE_TEXTS,
  relay: ["identity", "owner"],
};

const NUMBERS: Readonly<Record<string, readonly string[]>> = {
  message: [
    "qos",
    "retain",
    "on_dead",
    "position",
    "enqueued_at_ms",
    "ttl_ms",
    "done",
    "payload",
  ],
  failure: [
    "holds",
    "attempts",
    "deaths",
    "first_failed_at_ms",
    "failed_at_ms",
    "delay_ms",
  ],
  archive: ["seq", "delivered_at_ms", "payload"],
  relay: ["epoch", "beat", "lease_ms", "renewed_at_ms", "unproven", "revision"],
};

const VALUES: readonly string[] = [
  "CAST(x'61ff62' AS TEXT)",
  "CAST(x'eda080' AS TEXT)",
  "CAST(x'ff' AS TEXT)",
  "x''",
  "x'00ff'",
  "zeroblob(2000000)",
  "'zombie'",
  "''",
  "'a' || char(0) || 'b'",
  "'{'",
  "'[1]'",
  `'{"__proto__":"x"}'`,
  "hex(zeroblob(300000))",
  "-1",
  "-9223372036854775808",
  "9223372036854775807",
  "1e308 * 10",
  "0.5",
  "77",
];

function ofValue(random: SeededRandom, rows: number): Damage {
  const kind = random.fraction();
  if (kind < 0.05) return statement(random.pick(STATEMENTS));
  const table = random.pick([
    "message",
    "message",
    "failure",
    "relay",
    "archive",
  ]);
  const columns = [...(TEXTS[table] ?? []), ...(NUMBERS[table] ?? [])];
  const nth = random.integer(0, rows - 1);
  return update(table, random.pick(columns), random.pick(VALUES), nth);
}

const STATEMENTS: readonly string[] = [
  "DROP TABLE mailboat_failure",
  "DROP TABLE mailboat_message",
  "DROP TABLE mailboat_relay",
  "DROP TABLE mailboat_schema",
  "DELETE FROM mailboat_relay",
  "DELETE FROM mailboat_schema",
  "INSERT INTO mailboat_schema (version) VALUES (99)",
  "ALTER TABLE mailboat_message DROP COLUMN headers",
  "PRAGMA journal_mode = DELETE",
];

function statement(sql: string): Damage {
  return {
    name: sql,
    target: "schema",
    apply: (path, sound) => run(path, sound, sql),
  };
}

function update(
  table: string,
  column: string,
  value: string,
  nth: number = 0,
): Damage {
  const name = `mailboat_${table}`;
  const sql = `UPDATE ${name} SET "${column}" = ${value} WHERE rowid = (
    SELECT rowid FROM ${name} ORDER BY rowid LIMIT 1 OFFSET ${nth}
  )`;
  return {
    name: `${table}.${column} = ${value}`,
    target: table === "archive" ? "message" : table as Damage["target"],
    apply: (path, sound) => run(path, sound, sql),
  };
}

async function run(
  path: string,
  sound: Uint8Array,
  sql: string,
): Promise<void> {
  writeFileSync(path, sound);
  const client = createClient({ url: `file:${path}` });
  await client.execute(sql);
  client.close();
}
