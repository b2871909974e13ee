/**
 * The handle of a transaction of drizzle, for harnesses that begin and end
 * transactions by other means.
 *
 * @module
 */

/** A transaction, whose work is done: it outlives its end. */
export function handleOf<Tx>(
  db: { transaction(work: (tx: Tx) => void): unknown },
): Tx {
  const handles: Tx[] = [];
  db.transaction((tx) => void handles.push(tx));
  return handles[0]!;
}
