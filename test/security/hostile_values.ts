/**
 * Values that somebody might hand over by mistake or on purpose, drawn from
 * seeded dice.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";

/** What getters, traps and functions of hostile values throw. */
export class Ambush extends Error {
  override readonly name = "Ambush";
}

const MAX_STRING_BYTES = 65_535;
const MEBIBYTE = 2 ** 20;
const DEPTH = 20_000;
const MANY_HEADERS = 1_000;

/** Any value, from all sorts of hostility. Most are small, some are huge. */
export function hostileValue(random: SeededRandom): unknown {
  const kind = random.fraction();
  if (kind < 0.4) return hostileText(random);
  if (kind < 0.75) return random.pick(SCALARS);
  if (kind < 0.97) return random.pick(OBJECTS)(random);
  return huge(random.integer(0, HUGE.length - 1));
}

/** A text: fit for the wire, just beyond its limits, or poison to a broker. */
export function hostileText(random: SeededRandom): string {
  const text = random.pick(TEXTS);
  const other = random.chance(0.5) ? random.pick(TEXTS) : "a";
  return random.pick([
    text,
    `${text}${other}`,
    `a/${text}/b`,
    `${other}${text}`,
  ]);
}

/** Header maps, most of them near the limits of names, values and number. */
export function hostileHeaders(random: SeededRandom): unknown {
  if (random.chance(0.4)) return hostileValue(random);
  const entries = Array.from({ length: random.integer(1, 4) }, () => [
    random.pick(NAMES),
    random.chance(0.7) ? hostileText(random) : random.pick(SCALARS),
  ]);
  const headers: object = Object.fromEntries(entries);
  return random.chance(0.2) ? Object.setPrototypeOf(headers, null) : headers;
}

/** Data with something hostile at some depth. */
export function hostileData(random: SeededRandom): unknown {
  let data = hostileValue(random);
  for (let depth = random.integer(0, 3); depth > 0; depth--) {
    const [key, item] = [random.pick(NAMES), data];
    data = random.pick([
      () => ({ [key]: item }),
      () => [1, item, "x"],
      () => Object.assign(Object.create(null), { a: 1.5, [key]: item }),
      () => JSON.parse('{"__proto__":{"polluted":true},"constructor":[null]}'),
    ])();
  }
  return data;
}

const SCALARS: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  -(2 ** 63),
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  0n,
  -1n,
  2n ** 64n,
  Symbol("hostile"),
  Symbol.iterator,
  Symbol.for("\u0000"),
];

const TEXTS: readonly string[] = [
  "",
  " ",
  "a",
  "é",
  "水/火",
  "😀",
  "+",
  "#",
  "/#",
  "$SYS/broker",
  "$share/group/t",
  "$",
  "/",
  "//",
  "\u0000",
  "\n",
  "\r\n",
  "\t",
  "\u001b[2J",
  "\u001b]0;title\u0007",
  "\u007f",
  "\u0085",
  "\u009b31m",
  "\u2028",
  "\u202e",
  "\ufeff",
  "\ufffd",
  "\ufffe",
  "\uffff",
  "\ufdd0",
  "\u{1ffff}",
  "\ud800",
  "\udfff",
  "\udc00\ud800",
  "__proto__",
  "constructor",
  "toString",
  "'; DROP TABLE canary; --",
  '"',
  "?",
  "?1",
  "\\",
  "%s%n",
  "null",
  "${x}",
  "../../etc/passwd",
  "<script>",
  "a".repeat(20),
  "a".repeat(21),
  "a".repeat(255),
  "a".repeat(256),
];

const NAMES: readonly string[] = [
  "a",
  "z9",
  "a".repeat(20),
  "a".repeat(21),
  "traceparent",
  "toString",
  "constructor",
  "__proto__",
  "valueof",
  "",
  "A",
  "a-b",
  "é",
  "id",
  "source",
  "type",
  "time",
  "specversion",
  "partitionkey",
  "sequence",
  "data",
  "a\u0000",
  "a\r\nb",
];

function ambush(): never {
  throw new Ambush("An ambush\u001b[2J\r\nforged line");
}

type Make = (random: SeededRandom) => unknown;

const OBJECTS: readonly Make[] = [
  () => ({}),
  () => [],
  () => Object.create(null),
  () => new Map([["a", 1]]),
  () => new Set([1]),
  () => new Date(0),
  () => new Date(NaN),
  () => /a+$/,
  () => new Error("An error\nwith lines"),
  () => new Uint8Array([0, 255, 10]),
  () => new Uint8Array(0),
  () => new Uint16Array(3),
  () => new DataView(new ArrayBuffer(2)),
  () => new ArrayBuffer(8),
  () => Buffer.from("bytes"),
  () => Promise.resolve({}),
  () => ({ then: ambush }),
  () => ({
    get then() {
      return ambush();
    },
  }),
  () => () => "a",
  () => ambush,
  () => class Hostile {},
  () => new String("boxed"),
  () => new Number(1),
  () => new Boolean(false),
  () => Object(1n),
  () => Object(Symbol("boxed")),
  () => new Array(3),
  () => [undefined, () => {}],
  () => new WeakMap(),
  () => globalThis,
  () => ({ toJSON: ambush }),
  () => ({ toJSON: () => "x" }),
  () => ({ toJSON: () => undefined }),
  () => ({ toString: ambush, valueOf: ambush, [Symbol.toPrimitive]: ambush }),
  () => ({
    get [Symbol.toStringTag]() {
      return ambush();
    },
  }),
  () => ({ [Symbol.toStringTag]: "\u001b[31mRed" }),
  () => Object.defineProperty({}, "a", { enumerable: true, get: ambush }),
  () => Object.defineProperty([1], 0, { enumerable: true, get: ambush }),
  () => JSON.parse('{"__proto__":{"polluted":true}}'),
  () => ({ constructor: { prototype: { polluted: true } } }),
  cycle,
  () => revoked({}),
  () => revoked([]),
  () => revoked(ambush),
  () => new Proxy({}, trapping(["get"])),
  () => new Proxy({}, trapping(["ownKeys"])),
  () => new Proxy({}, trapping(["getPrototypeOf"])),
  () => new Proxy({}, trapping(["has", "getOwnPropertyDescriptor"])),
  () => new Proxy([], trapping(["get"])),
  () => new Proxy(new Error("trapped"), trapping(["get"])),
  () => new Proxy({ a: 1, b: "x" }, {}),
  (random) => ({ [random.pick(NAMES)]: random.pick(SCALARS) }),
  (random) => [random.pick(SCALARS), random.pick(TEXTS)],
];

function cycle(): object {
  const holder: Record<string, unknown> = { a: 1 };
  holder["b"] = [holder];
  return holder;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function trapping(
  traps: readonly (keyof ProxyHandler<object>)[],
): ProxyHandler<object> {
  return Object.fromEntries(traps.map((trap) => [trap, ambush]));
}

const HUGE: readonly (() => unknown)[] = [
  () => "a".repeat(MAX_STRING_BYTES),
  () => "a".repeat(MAX_STRING_BYTES + 1),
  () => `${"é".repeat(Math.floor(MAX_STRING_BYTES / 2))}a`,
  () => "é".repeat(Math.floor(MAX_STRING_BYTES / 2) + 1),
  () => "水".repeat(MAX_STRING_BYTES / 3),
  () => "a".repeat(MEBIBYTE),
  () => "\u0000".repeat(MEBIBYTE),
  () => new Uint8Array(MEBIBYTE),
  () => deep((inner) => [inner]),
  () => deep((inner) => ({ a: inner })),
  () => new Array(2 ** 32 - 1),
  () =>
    Object.fromEntries(
      Array.from({ length: MANY_HEADERS }, (_, at) => [`h${at}`, "x"]),
    ),
];

/** Made once: to make them takes longer than to refuse them. */
const made = new Map<number, unknown>();

function huge(at: number): unknown {
  if (!made.has(at)) made.set(at, HUGE[at]?.());
  return made.get(at);
}

function deep(wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = null;
  for (let level = 0; level < DEPTH; level++) value = wrap(value);
  return value;
}
