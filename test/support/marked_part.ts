/**
 * The parts of a page that a program writes, between `<!-- NAME -->` and
 * `<!-- /NAME -->`.
 *
 * @module
 */

/**
 * What stands between the marks, without the blank lines around it.
 *
 * @throws {Error} when a mark is missing.
 */
export function markedPart(page: string, name: string): string {
  const { from, to } = placeOf(page, name);
  return page.slice(from, to).trim();
}

/**
 * The page with another part between the marks.
 *
 * @throws {Error} when a mark is missing.
 */
export function withMarkedPart(
  page: string,
  name: string,
  part: string,
): string {
  const { from, to } = placeOf(page, name);
  return `${page.slice(0, from)}\n\n${part}\n\n${page.slice(to)}`;
}

function placeOf(page: string, name: string): { from: number; to: number } {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const at = page.indexOf(begin);
  const to = page.indexOf(end);
  if (at < 0 || to < at) {
    throw new Error(`Cannot renew the page as ${begin} … ${end} is missing`);
  }
  return { from: at + begin.length, to };
}
