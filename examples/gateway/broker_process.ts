/**
 * The broker process: a broker, unless there is one already, and a gate in
 * front of it.
 *
 * @module
 */

import { startEmbeddedBroker } from "../stage/embedded_broker.ts";
import { joinParent } from "../stage/parent.ts";
import { type Gate, openGate } from "./gate.ts";
import {
  type BrokerConfig,
  brokerConfig,
  type BrokerOrder,
  brokerOrder,
  type BrokerReport,
} from "./process_protocol.ts";

/** The gate waits for an answer, then swallows what is said for a while. */
const SHUTTING = { patienceMs: 500, silenceMs: 150 };

const { config, parent } = await joinParent<
  BrokerConfig,
  BrokerOrder,
  BrokerReport
>({ config: brokerConfig, order: brokerOrder });

const url = config.url ?? (await startEmbeddedBroker()).url;
const gate = await openGate(url);

parent.onOrder((order) => void obey(gate, order));
parent.report({ type: "ready", url, gateUrl: throughGate(url, gate) });

async function obey(gate: Gate, order: BrokerOrder): Promise<void> {
  if (order === "open") return gate.open();
  await gate.shut(SHUTTING);
  parent.report({ type: "shut" });
}

/** The same address with the gate for a host; the gate speaks TLS itself. */
function throughGate(url: string, gate: Gate): string {
  const through = new URL(url);
  const { username, password } = through;
  const login = username === "" ? "" : `${username}:${password}@`;
  return `mqtt://${login}127.0.0.1:${gate.port}${through.pathname}`;
}
