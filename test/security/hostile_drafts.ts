/**
 * Drafts with something hostile in them, and what must arrive if they are
 * accepted, told without asking the code that accepts them.
 *
 * @module
 */

import { defineEvent, type Draft } from "@mailboat/outbox";
import type { SeededRandom } from "@mailboat/outbox/testing";
import {
  hostileData,
  hostileHeaders,
  hostileText,
  hostileValue,
} from "./hostile_values.ts";

/** What a subscriber must see of a message. */
export interface Expected {
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
  readonly contentType: string;
}

/** A draft that may be refused anywhere on its way. */
export interface Attempt {
  /** Defines the event and makes the draft. */
  make(): Draft;
  /** What must arrive once it was accepted; throws when it should not have been. */
  expected(): Promise<Expected>;
}

/** What one event is made of. Any of it may be hostile. */
type Recipe = Record<Field, unknown>;

type Field =
  | "name"
  | "schema"
  | "topic"
  | "key"
  | "headers"
  | "contentType"
  | "qos"
  | "retain"
  | "onDead"
  | "id"
  | "draftHeaders"
  | "data";

const FIELDS: readonly Field[] = [
  "name",
  "schema",
  "topic",
  "key",
  "headers",
  "contentType",
  "qos",
  "retain",
  "onDead",
  "id",
  "draftHeaders",
  "data",
];

/** Most of what people enqueue comes from outside. */
const OFTEN: readonly Field[] = ["topic", "key", "headers", "id", "data"];

/** Draws an attempt with one or two fields spoilt. */
export function hostileAttempt(random: SeededRandom): Attempt {
  const recipe = goodRecipe(random);
  for (let left = random.integer(1, 2); left > 0; left--) {
    spoil(recipe, random);
  }
  return attemptOf(recipe, random.chance(0.5));
}

/** Draws an attempt with nothing wrong. */
export function goodAttempt(random: SeededRandom): Attempt {
  return attemptOf(goodRecipe(random), random.chance(0.5));
}

function goodRecipe(random: SeededRandom): Recipe {
  return {
    name: "good",
    schema: passing((value) => ({ value })),
    topic: `t/${random.integer(0, 9)}`,
    key: random.pick([null, "k1", "k2", "k3"]),
    headers: { h: "x" },
    contentType: undefined,
    qos: 1,
    retain: false,
    onDead: undefined,
    id: undefined,
    draftHeaders: undefined,
    data: { n: random.integer(0, 2 ** 31) },
  };
}

function spoil(recipe: Recipe, random: SeededRandom): void {
  const field = random.pick(random.chance(0.7) ? OFTEN : FIELDS);
  recipe[field] = field === "data"
    ? hostileData(random)
    : field === "headers" || field === "draftHeaders"
    ? hostileHeaders(random)
    : field === "schema"
    ? hostileSchema(random)
    : random.chance(0.6)
    ? hostileText(random)
    : hostileValue(random);
}

function hostileSchema(random: SeededRandom): unknown {
  const value = hostileValue(random);
  return random.pick([
    () => value,
    () => passing(() => value),
    () => passing(() => ({ value })),
    () => passing(() => ({ issues: value })),
    () => passing(() => ({ issues: [value] })),
    () => passing(() => ({ issues: [{ message: value, path: value }] })),
    () => passing(() => ({ issues: [{ message: "m", path: [value, "a"] }] })),
    () => passing(() => Promise.resolve({ value })),
    () => passing(() => Promise.reject(value)),
    () =>
      passing(() => {
        throw value;
      }),
  ])();
}

function passing(validate: (value: unknown) => unknown): object {
  return { "~standard": { version: 1, vendor: "security", validate } };
}

function attemptOf(recipe: Recipe, computed: boolean): Attempt {
  const field = (value: unknown) =>
    computed && typeof value !== "function" ? () => value : value;
  const options = {
    schema: recipe.schema,
    topic: field(recipe.topic),
    key: field(recipe.key),
    headers: field(recipe.headers),
    contentType: recipe.contentType,
    qos: recipe.qos,
    retain: recipe.retain,
    onDead: recipe.onDead,
  };
  const { id, draftHeaders } = recipe;
  return {
    make: () => {
      const define = defineEvent as (...args: unknown[]) => CallableFunction;
      return define(recipe.name, options)(recipe.data, {
        id,
        headers: draftHeaders,
      });
    },
    expected: () => expectedOf(recipe),
  };
}

async function expectedOf(recipe: Recipe): Promise<Expected> {
  const { topic, key, headers, draftHeaders, contentType, schema } = recipe;
  const { "~standard": standard } = schema as {
    "~standard": { validate(value: unknown): PromiseLike<{ value: unknown }> };
  };
  const { value } = await standard.validate(recipe.data);
  const isBytes = ArrayBuffer.isView(value) && value instanceof Uint8Array;
  return {
    topic: fit(called(topic, value)),
    key: key === null || key === undefined ? null : fit(called(key, value)),
    headers: Object.fromEntries(
      [called(headers, value), draftHeaders].flatMap((source) =>
        Object.entries(source ?? {})
      ).map(([name, text]) => [name, text === "" ? "" : fit(text)]),
    ),
    payload: isBytes ? value : new TextEncoder().encode(JSON.stringify(value)),
    contentType: contentType === undefined
      ? isBytes ? "application/octet-stream" : "application/json"
      : fit(contentType),
  };
}

function called(source: unknown, value: unknown): unknown {
  return typeof source === "function" ? source(value) : source;
}

/** A text that any broker and any database keeps as it is. */
function fit(text: unknown): string {
  const fits = typeof text === "string" && text !== "" &&
    !/[\p{Cc}\p{Cs}]/u.test(text) &&
    Buffer.byteLength(text) <= 65_535;
  if (fits) return text;
  throw new Error(`Accepted a text that is not fit for the wire`);
}
