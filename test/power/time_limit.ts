/**
 * A limit to how long something may take.
 *
 * @module
 */

/** Resolves with the work, or rejects when it takes too long. */
export async function within<T>(
  limitMs: number,
  what: string,
  work: Promise<T>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`Cannot go on as ${what} took over ${limitMs} ms`));
    }, limitMs);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
