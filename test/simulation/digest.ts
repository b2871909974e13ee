/**
 * A fingerprint of a history: two runs of one seed must have the same.
 *
 * @module
 */

/** A short, stable fingerprint of what happened. */
export function digest(lines: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const line of lines) {
    for (let i = 0; i < line.length; i++) {
      hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193) >>> 0;
    }
  }
  return hash.toString(16).padStart(8, "0");
}
