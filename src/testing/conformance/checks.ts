/**
 * Checks: what a case says about what it found, in a plain error that any test
 * runner reports.
 *
 * @module
 */

import { type ErrorCode, MailboatError, reasonOf } from "../../../mod.ts";

const MAX_SHOWN = 600;

/** Fails with `what` unless it holds. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`Broken promise: ${what}`);
}

/** Fails unless both are equal in every part. */
export function checkEqual(
  found: unknown,
  expected: unknown,
  what: string,
): void {
  if (isEqual(found, expected)) return;
  throw new Error(
    `Broken promise: ${what}\n  expected ${show(expected)}\n  found    ${
      show(found)
    }`,
  );
}

/** Fails unless the work fails with an error of one of these codes. */
export async function checkRefused(
  work: () => unknown,
  codes: readonly ErrorCode[],
  what: string,
): Promise<void> {
  let result: unknown;
  try {
    result = await work();
  } catch (thrown) {
    const code = thrown instanceof MailboatError ? thrown.code : null;
    if (code !== null && codes.includes(code)) return;
    throw new Error(
      `Broken promise: ${what} fails with ${codes.join(" or ")}, not with ${
        code ?? "a foreign error"
      }: ${reasonOf(thrown)}`,
      { cause: thrown },
    );
  }
  throw new Error(
    `Broken promise: ${what} fails with ${codes.join(" or ")}, but came to ${
      show(result)
    }`,
  );
}

/** Whether two values are equal in every part; bytes are compared as bytes. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Uint8Array || other instanceof Uint8Array) {
    return one instanceof Uint8Array && other instanceof Uint8Array &&
      one.byteLength === other.byteLength &&
      one.every((byte, at) => byte === other[at]);
  }
  if (!isObject(one) || !isObject(other)) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length &&
    names.every((name) =>
      Object.hasOwn(other, name) && isEqual(one[name], other[name])
    );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part) => {
    if (part instanceof Uint8Array) return `${part.byteLength} bytes`;
    if (typeof part === "number" && !Number.isFinite(part)) return String(part);
    return typeof part === "bigint" ? `${part}n` : part;
  }) ?? String(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
