/**
 * A transport whose broker fails to order, whichever broker it is: it cannot be
 * reached, says no, hangs, takes a message and fails, loses an acknowledgement,
 * ends the connection at a message it cannot bear.
 *
 * @module
 */

import {
  type Connection,
  type ConnectRequest,
  type Message,
  type Outcome,
  type SendFailure,
  type Transport,
  TransportError,
} from "../../mod.ts";

/** What becomes of an attempt to connect; `hang` is an answer that never comes. */
export type ConnectFault = "ok" | "unavailable" | "refuse" | "hang";

/**
 * What becomes of a send:
 *
 * - `refuse`: the broker says no to this message, and goes on.
 * - `hang`: nothing is sent, and no answer comes while the connection lives.
 * - `fail`: the broker takes the message, and the connection ends before it says so.
 * - `lose`: the broker takes the message, and its acknowledgement is lost.
 * - `suspect`, `silent`, `limit`: the broker does not take the message, and the
 *   connection ends with this advice; what was under way is `unknown`.
 */
export type SendFault =
  | "ok"
  | "refuse"
  | "hang"
  | "fail"
  | "lose"
  | "suspect"
  | "silent"
  | "limit";

/** Decides what becomes of the `n`th call, over all connections, from 1. */
export interface TransportFaultRules {
  /**
   * About attempts to connect.
   *
   * @default {ok, always}
   */
  readonly connect?: (n: number) => ConnectFault;
  /**
   * About sends.
   *
   * @default {ok, always}
   */
  readonly send?: (message: Message, n: number) => SendFault;
}

const ENDED: SendFailure = {
  code: "ENDED",
  reason: "The rule says that the connection ends at this message",
};
const REFUSED: SendFailure = {
  code: "REFUSED",
  reason: "The rule says no",
};

/**
 * Wraps a transport.
 *
 * @example
 * ```ts
 * const faulty = createFaultyTransport(transport, {
 *   send: (message, n) => n % 10 === 0 ? "lose" : "ok",
 * });
 * const relay = createRelay({ storage, transport: faulty });
 * ```
 */
export function createFaultyTransport(
  transport: Transport,
  rules: TransportFaultRules,
): Transport {
  const { connect = () => "ok", send = () => "ok" } = rules;
  let attempts = 0;
  let sends = 0;
  return {
    name: transport.name,
    ...(transport.ordered === true ? { ordered: true } : {}),
    async connect(request) {
      const fault = connect(++attempts);
      if (fault !== "ok") return await failToConnect(fault, request);
      const connection = await transport.connect(request);
      return faultyConnection(connection, (message) => send(message, ++sends));
    },
  };
}

function failToConnect(
  fault: Exclude<ConnectFault, "ok">,
  { signal }: ConnectRequest,
): Promise<never> {
  const failure = new TransportError(
    fault === "refuse" ? "TRANSPORT_REFUSED" : "TRANSPORT_UNAVAILABLE",
    `Cannot connect as the rule says ${fault}`,
  );
  return new Promise((_, reject) => {
    const giveUp = () => reject(failure);
    if (fault !== "hang" || signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
}

function faultyConnection(
  connection: Connection,
  faultOf: (message: Message) => SendFault,
): Connection {
  const { window, warnings } = connection;
  let ended = false;
  let resolveClosed: (failure: SendFailure) => void = () => {};
  const closed = new Promise<SendFailure>((resolve) => resolveClosed = resolve);
  const end = () => void (ended = true);
  void connection.closed.then((failure) => {
    end();
    resolveClosed(failure);
  });
  const unheard = (): Promise<Outcome> =>
    closed.then(() => ({ kind: "unknown" }));
  const close = () => {
    end();
    return connection.close();
  };
  return {
    window,
    ...(warnings === undefined ? {} : { warnings }),
    closed,
    close,
    async send(message, terms) {
      if (ended) return { kind: "unavailable" };
      const fault = faultOf(message);
      switch (fault) {
        case "ok":
          return await connection.send(message, terms);
        case "refuse":
          return { kind: "retry", failure: REFUSED };
        case "hang":
          return await unheard();
        case "lose":
          void connection.send(message, terms);
          return await unheard();
        case "fail":
          await connection.send(message, terms);
          await close();
          return { kind: "unknown" };
        case "suspect":
        case "silent":
        case "limit":
          resolveClosed({ ...ENDED, advice: fault });
          await close();
          return { kind: "unknown" };
      }
    },
  };
}
