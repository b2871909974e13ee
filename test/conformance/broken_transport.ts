/**
 * Transports that break one promise each: what the transport cases must notice.
 *
 * @module
 */

import type { Connection, Message, Outcome, Transport } from "@mailboat/outbox";
import type { Guarantee } from "./guarantees.ts";

/** A transport with one fault. */
export interface BrokenTransport {
  /** What it breaks. */
  readonly guarantee: Guarantee;
  /** How. */
  readonly fault: string;
  /** A case that must fail. */
  readonly killedBy: string;
  /** Puts the fault into a sound transport. */
  readonly breaks: (transport: Transport) => Transport;
}

/** Replaces parts of every connection. */
export function connections(
  change: (connection: Connection) => Partial<Connection>,
): (transport: Transport) => Transport {
  return (transport) => ({
    name: transport.name,
    async connect(request) {
      const sound = await transport.connect(request);
      return {
        window: sound.window,
        closed: sound.closed,
        send: (message, terms) => sound.send(message, terms),
        close: () => sound.close(),
        ...change(sound),
      };
    },
  });
}

const forever = <T>(): Promise<T> => new Promise<T>(() => {});

/** The faults. */
export const brokenTransports: readonly BrokenTransport[] = [
  {
    guarantee: "G2",
    fault: "delivered before the acknowledgement",
    killedBy: "send: delivered only after the broker's acknowledgement",
    breaks: connections((sound) => ({
      send: (message) => {
        void sound.send(message);
        return Promise.resolve({ kind: "delivered" });
      },
    })),
  },
  {
    guarantee: "G2",
    fault: "how long a message is still of use is left out",
    killedBy: "send: how long a message is still of use arrives",
    breaks: connections((sound) => ({
      send: (message) => sound.send(message),
    })),
  },
  {
    guarantee: "G8",
    fault: "pending sends never resolve",
    killedBy:
      "end: pending sends are unknown when the broker cuts the connection",
    breaks: connections((sound) => ({
      send: async (message) => {
        const outcome = await sound.send(message);
        return outcome.kind === "unknown" ? await forever() : outcome;
      },
    })),
  },
  {
    guarantee: "G8",
    fault: "pending sends are forgotten at close()",
    killedBy: "end: pending sends are unknown when this side closes",
    breaks: connections((sound) => {
      let closed = false;
      return {
        send: async (message) => {
          const outcome = await sound.send(message);
          return closed ? await forever<Outcome>() : outcome;
        },
        close: () => {
          closed = true;
          return sound.close();
        },
      };
    }),
  },
  {
    guarantee: "G4",
    fault: "it reconnects by itself and sends after close()",
    killedBy: "end: nothing is sent after close()",
    breaks: reconnecting,
  },
  {
    guarantee: "G4",
    fault: "it reconnects by itself and sends after the connection was cut",
    killedBy: "end: nothing is sent after the broker cut the connection",
    breaks: reconnecting,
  },
  {
    guarantee: "G3",
    fault: "what was pending is sent by the next connection",
    killedBy: "end: what was pending is not sent again by a later connection",
    breaks: resending,
  },
  {
    guarantee: "G8",
    fault: "the end is not told",
    killedBy: "end: closed resolves once, however often it ends",
    breaks: connections(() => ({ closed: forever() })),
  },
  {
    guarantee: "G4",
    fault: "the end is told before it comes",
    killedBy: "end: closed is pending while the connection lives",
    breaks: connections(() => ({
      closed: Promise.resolve({ code: "X", reason: "x" }),
    })),
  },
  {
    guarantee: "G6",
    fault: "a send after the end rejects",
    killedBy: "end: nothing is sent after close()",
    breaks: connections((sound) => ({
      send: async (message) => {
        const outcome = await sound.send(message);
        if (outcome.kind === "unavailable") throw new Error("not connected");
        return outcome;
      },
    })),
  },
  {
    guarantee: "G8",
    fault: "a send after the end waits for a connection",
    killedBy: "end: nothing is sent after the broker cut the connection",
    breaks: connections((sound) => ({
      send: async (message) => {
        const outcome = await sound.send(message);
        return outcome.kind === "unavailable" ? await forever() : outcome;
      },
    })),
  },
  {
    guarantee: "G8",
    fault: "close() waits for acknowledgements",
    killedBy: "end: pending sends are unknown when this side closes",
    breaks: connections((sound) => {
      const sends: Promise<unknown>[] = [];
      return {
        send: (message) => {
          const sending = sound.send(message);
          sends.push(sending);
          return sending;
        },
        close: async () => {
          await Promise.all(sends);
          await sound.close();
        },
      };
    }),
  },
  {
    guarantee: "G3",
    fault: "messages overtake each other",
    killedBy: "send: messages reach the broker in order, once each (QoS 1)",
    breaks: connections((sound) => ({
      send: async (message) => {
        if (message.seq % 2 === 0) await null;
        return await sound.send(message);
      },
    })),
  },
  {
    guarantee: "G7",
    fault: "a message is sent twice",
    killedBy: "send: messages reach the broker in order, once each (QoS 1)",
    breaks: connections((sound) => ({
      send: async (message) => {
        await sound.send(message);
        return await sound.send(message);
      },
    })),
  },
  {
    guarantee: "G2",
    fault: "bytes are taken for text",
    killedBy: "send: topic and payload arrive to the byte",
    breaks: connections((sound) => ({
      send: (message) => {
        const text = new TextDecoder().decode(message.payload);
        const payload = new TextEncoder().encode(text);
        return sound.send({ ...message, payload });
      },
    })),
  },
  {
    guarantee: "G2",
    fault: "a refusal is taken for an acknowledgement",
    killedBy:
      "send: a refused message is not delivered, and its neighbours are",
    breaks: connections((sound) => ({
      send: async (message) => {
        const { kind } = await sound.send(message);
        return { kind: kind === "retry" ? "delivered" : kind } as Outcome;
      },
    })),
  },
];

/** A client library's own idea of being helpful. */
function reconnecting(transport: Transport): Transport {
  return {
    name: transport.name,
    async connect(request) {
      let sound = await transport.connect(request);
      const { window, closed } = sound;
      const send = async (message: Message): Promise<Outcome> => {
        const outcome = await sound.send(message);
        if (outcome.kind !== "unavailable") return outcome;
        sound = await transport.connect(request);
        return await sound.send(message);
      };
      return { window, closed, send, close: () => sound.close() };
    },
  };
}

/** Keeps what was not acknowledged, and sends it on the next connection. */
function resending(transport: Transport): Transport {
  const kept = new Set<Message>();
  return {
    name: transport.name,
    async connect(request) {
      const sound = await transport.connect(request);
      for (const message of kept) void sound.send(message);
      kept.clear();
      const { window, closed } = sound;
      const send = async (message: Message): Promise<Outcome> => {
        const outcome = await sound.send(message);
        if (outcome.kind === "unknown") kept.add(message);
        return outcome;
      };
      return { window, closed, send, close: () => sound.close() };
    },
  };
}
