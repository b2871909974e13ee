/**
 * How often a relay tried to connect.
 *
 * @module
 */

import type { RelayStatus } from "@mailboat/outbox";

/** How often it tried since it was last connected; 0 while it is trying. */
export function triesOf(
  { status: { link } }: { readonly status: RelayStatus },
): number {
  return link.kind === "waiting" ? link.tries : 0;
}
