/**
 * A scripted broker and a connection to it, both gone when the test is over.
 *
 * @module
 */

import type { Connection, Outcome } from "@mailboat/outbox";
import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";
import { onTestFinished } from "vitest";
import {
  type ScriptedBroker,
  type ScriptedBrokerOptions,
  startScriptedBroker,
} from "./scripted_broker.ts";

/** Starts a broker for this test. */
export async function brokerWith(
  script: ScriptedBrokerOptions = {},
): Promise<ScriptedBroker> {
  const broker = await startScriptedBroker(script);
  onTestFinished(() => broker.close());
  return broker;
}

/** What {@link connectTo} may be told. */
export interface ConnectOptions extends MqttTransportOptions {
  readonly identity?: string;
  readonly signal?: AbortSignal;
}

/** Opens a connection for this test. */
export async function connectTo(
  { url }: { readonly url: string },
  options: ConnectOptions = {},
): Promise<Connection> {
  const { identity = "outbox1", signal = never(), ...rest } = options;
  const transport = mqttTransport(url, rest);
  const connection = await transport.connect({ identity, signal });
  onTestFinished(() => connection.close());
  return connection;
}

/** Starts a broker and connects to it, in the version that the broker speaks. */
export async function line(
  script: ScriptedBrokerOptions = {},
  options: ConnectOptions = {},
): Promise<{ broker: ScriptedBroker; connection: Connection }> {
  const broker = await brokerWith(script);
  const { protocol = 5 } = script;
  return {
    broker,
    connection: await connectTo(broker, { protocol, ...options }),
  };
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** Follows sends while they are under way. */
export function outcomesOf(sends: readonly Promise<Outcome>[]): {
  /** By position; `undefined` for those without an outcome. */
  readonly sofar: readonly (Outcome["kind"] | undefined)[];
} {
  const sofar: (Outcome["kind"] | undefined)[] = sends.map(() => undefined);
  sends.forEach((send, at) => void send.then(({ kind }) => sofar[at] = kind));
  return { sofar };
}
