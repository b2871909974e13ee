/**
 * Transports that break one promise each: what the transport cases must notice.
 *
 * @module
 */

import {
  type Connection,
  type Message,
  type Outcome,
  type Transport,
  TransportError,
} from "@mailboat/outbox";

/** A transport with one fault. */
export interface BrokenTransport {
  /** What it does wrong. */
  readonly fault: string;
  /** A case that must fail. */
  readonly killedBy: string;
  /** Puts the fault into a sound transport. */
  readonly breaks: (transport: Transport) => Transport;
}

/** Replaces parts of every connection. */
function connections(
  change: (connection: Connection) => Partial<Connection>,
): (transport: Transport) => Transport {
  return (transport) => ({
    name: transport.name,
    async connect(request) {
      const sound = await transport.connect(request);
      return {
        window: sound.window,
        closed: sound.closed,
        send: (message) => sound.send(message),
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
    fault: "it reconnects by itself and sends after close()",
    killedBy: "end: nothing is sent after close()",
    breaks: reconnecting,
  },
  {
    fault: "it reconnects by itself and sends after the connection was cut",
    killedBy: "end: nothing is sent after the broker cut the connection",
    breaks: reconnecting,
  },
  {
    fault: "what was pending is sent by the next connection",
    killedBy: "end: what was pending is not sent again by a later connection",
    breaks: resending,
  },
  {
    fault: "the end is not told",
    killedBy: "end: closed resolves once, however often it ends",
    breaks: connections(() => ({ closed: forever() })),
  },
  {
    fault: "the end is told before it comes",
    killedBy: "end: closed is pending while the connection lives",
    breaks: connections(() => ({
      closed: Promise.resolve({ code: "X", reason: "x" }),
    })),
  },
  {
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
  {
    fault: "the window is nothing",
    killedBy: "connect: a connection can send at once, one message at least",
    breaks: connections(() => ({ window: 0 })),
  },
  {
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
    fault: "a refusal to connect looks like an outage",
    killedBy: "connect: a broker that says no has refused",
    breaks: failing("TRANSPORT_UNAVAILABLE"),
  },
  {
    fault: "an outage looks like a refusal to connect",
    killedBy: "connect: where nobody listens the broker is unavailable",
    breaks: failing("TRANSPORT_REFUSED"),
  },
  {
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
