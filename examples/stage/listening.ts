/**
 * Servers on this machine alone.
 *
 * @module
 */

import type { AddressInfo, Server } from "node:net";

/** Listens on a free port of the loopback interface and resolves with it. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
