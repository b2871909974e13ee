/**
 * Where a database file is: paths and `file:` URLs.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";

/**
 * The path that a path or a `file:` URL names.
 *
 * @throws {InputError} `INVALID_OPTION` for a database that is not a local file.
 */
export function pathOf(location: string): string {
  const isUrl = /^[a-z][a-z0-9.+-]+:/i.test(location);
  const file = /^file:(?:\/\/(?:localhost)?(?=\/)|(?!\/\/))([^?#]+)$/i
    .exec(location);
  const path = isUrl ? decoded(file?.[1] ?? "") : location;
  if (path !== "" && !path.startsWith(":memory:")) return path;
  throw new InputError("INVALID_OPTION", {
    action: "create a storage",
    field: "database",
    required: "a client, a path or a file: URL of a local database file",
    // What stands behind the scheme may hold a token.
    found: isUrl ? `a ${location.split(":")[0]}: URL` : shorten(location),
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}
