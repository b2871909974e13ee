/**
 * Transports that say what nobody can use.
 *
 * @module
 */

import {
  type Advice,
  type Outcome,
  type SendFailure,
  systemClock,
  TransportError,
} from "@mailboat/outbox";
import { type BrokenTransport, connections } from "./broken_transport.ts";

/** The faults of what is said. */
export const brokenTelling: readonly BrokenTransport[] = [
  {
    guarantee: "G7",
    fault: "the reason of an end is as long as the broker likes",
    killedBy: "tell: the end of a connection says what to do, in few words",
    breaks: ending((failure) => ({ ...failure, reason: "x".repeat(257) })),
  },
  {
    guarantee: "G7",
    fault: "the reason of an end has lines",
    killedBy: "tell: the end of a connection says what to do, in few words",
    breaks: ending((failure) => ({ ...failure, reason: "one\ntwo" })),
  },
  {
    guarantee: "G6",
    fault: "the end of a connection has an advice of its own making",
    killedBy: "tell: the end of a connection says what to do, in few words",
    breaks: ending((failure) => ({ ...failure, advice: "later" as Advice })),
  },
  {
    guarantee: "G5",
    fault: "an idle connection that ends accuses messages",
    killedBy:
      "tell: where nothing was under way, no message is to blame for an end",
    breaks: ending((failure) => ({ ...failure, advice: "suspect" })),
  },
  {
    guarantee: "G5",
    fault: "an end is silent whatever was under way",
    killedBy:
      "tell: where nothing was under way, no message is to blame for an end",
    breaks: ending((failure) => ({ ...failure, advice: "silent" })),
  },
  {
    guarantee: "G2",
    fault: "what was pending at an end is taken for delivered",
    killedBy: "tell: what was acknowledged before an end stays delivered",
    breaks: sending((outcome) =>
      outcome.kind === "unknown" ? { kind: "delivered" } : outcome
    ),
  },
  {
    guarantee: "G5",
    fault:
      "why a connection ended is told when its messages are long forgotten",
    killedBy:
      "tell: why a connection ended is known with what it leaves unknown",
    breaks: connections(({ closed }) => ({
      closed: closed.then(async (failure) => {
        await systemClock().sleep(20);
        return failure;
      }),
    })),
  },
  {
    guarantee: "G6",
    fault: "a broker that says no has an advice of its own making",
    killedBy:
      "tell: a broker that says no is told with an advice that there is",
    breaks: (transport) => ({
      name: transport.name,
      connect: (request) =>
        transport.connect(request).catch((cause: unknown) => {
          const { code, message } = cause as TransportError;
          throw new TransportError(code, message, cause, "never" as Advice);
        }),
    }),
  },
  {
    guarantee: "G7",
    fault: "a refusal comes with all that the broker had to say",
    killedBy: "tell: a refused message has a code, and a reason in few words",
    breaks: sending((outcome) =>
      outcome.kind === "retry"
        ? {
          ...outcome,
          failure: { ...outcome.failure, reason: "no ".repeat(100) },
        }
        : outcome
    ),
  },
  {
    guarantee: "G7",
    fault: "a warning has no code",
    killedBy: "tell: a warning has a code, and a reason in few words",
    breaks: connections(() => ({ warnings: [{ code: "", reason: "hm" }] })),
  },
];

/** Every end is told in other words. */
function ending(
  change: (failure: SendFailure) => SendFailure,
): BrokenTransport["breaks"] {
  return connections(({ closed }) => ({ closed: closed.then(change) }));
}

/** Every outcome is another. */
function sending(
  change: (outcome: Outcome) => Outcome,
): BrokenTransport["breaks"] {
  return connections((sound) => ({
    send: (message, terms) => sound.send(message, terms).then(change),
  }));
}
