/**
 * Shows where in a payload something is: by property names, never by values.
 *
 * @module
 */

import { codePointName } from "./text.ts";

const MAX_PATH_CHARS = 160;
const MAX_NAME_CHARS = 40;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\p{Zl}\p{Zp}]/gu;

/**
 * Writes a path on one line and in at most 160 characters:
 * `payload.readings[3]["room temperature"]`.
 */
export function pathText(keys: readonly PropertyKey[]): string {
  let text = "payload";
  for (const key of keys) {
    text += segment(key);
    if (text.length > MAX_PATH_CHARS) {
      return `${text.slice(0, MAX_PATH_CHARS - 1)}…`;
    }
  }
  return text;
}

function segment(key: PropertyKey): string {
  if (typeof key === "number") return `[${key}]`;
  const name = String(key);
  if (/^[A-Za-z_$][\w$]{0,39}$/.test(name)) return `.${name}`;
  const short = name.length <= MAX_NAME_CHARS
    ? name
    : `${name.slice(0, MAX_NAME_CHARS - 1)}…`;
  return `["${short.replace(UNPRINTABLE, (found) => codePointName(found))}"]`;
}
