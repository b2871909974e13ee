/**
 * Transports that break a promise when they connect.
 *
 * @module
 */

import { TransportError } from "@mailboat/outbox";
import { type BrokenTransport, connections } from "./broken_transport.ts";

/** The faults of how a connection begins. */
export const brokenConnecting: readonly BrokenTransport[] = [
  {
    guarantee: "G8",
    fault: "the window is nothing",
    killedBy: "connect: a connection can send at once, one message at least",
    breaks: connections(() => ({ window: 0 })),
  },
  {
    guarantee: "G4",
    fault: "an attempt goes on when it is given up",
    killedBy: "connect: it is given up when aborted",
    breaks: (transport) => ({
      name: transport.name,
      connect: ({ identity }) => {
        const { signal } = new AbortController();
        return transport.connect({ identity, signal });
      },
    }),
  },
  {
    guarantee: "G8",
    fault: "a connection ends with the signal of its attempt",
    killedBy: "connect: a signal that aborts later ends no connection",
    breaks: (transport) => ({
      name: transport.name,
      connect: async (request) => {
        const connection = await transport.connect(request);
        const end = () => void connection.close();
        request.signal.addEventListener("abort", end);
        return connection;
      },
    }),
  },
  {
    guarantee: "G6",
    fault: "a refusal to connect looks like an outage",
    killedBy: "connect: a broker that says no has refused",
    breaks: failing("TRANSPORT_UNAVAILABLE"),
  },
  {
    guarantee: "G6",
    fault: "an outage looks like a refusal to connect",
    killedBy: "connect: where nobody listens the broker is unavailable",
    breaks: failing("TRANSPORT_REFUSED"),
  },
  {
    guarantee: "G4",
    fault: "two relays of one outbox share the broker",
    killedBy:
      "connect: a second one with an identity ends the first, if the broker does",
    breaks: (transport) => {
      let count = 0;
      return {
        name: transport.name,
        connect: ({ identity, signal }) =>
          transport.connect({ identity: `${identity}-${++count}`, signal }),
      };
    },
  },
];

/** Every failure to connect has the same code. */
function failing(
  code: "TRANSPORT_UNAVAILABLE" | "TRANSPORT_REFUSED",
): BrokenTransport["breaks"] {
  return (transport) => ({
    name: transport.name,
    connect: (request) =>
      transport.connect(request).catch((cause: unknown) => {
        throw new TransportError(code, "Cannot connect", cause);
      }),
  });
}
