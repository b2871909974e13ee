/**
 * The broker process: a broker, unless there is one already, and a gate in
 * front of it.
 *
 * @module
 */

import { Aedes } from "aedes";
import { createServer } from "node:net";
import { type Gate, listening, openGate } from "./gate.ts";
import { joinParent } from "./parent.ts";
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

const url = config.url ?? await startBroker();
const gate = await openGate(url);

parent.onOrder((order) => void obey(gate, order));
parent.report({ type: "ready", url, gateUrl: throughGate(url, gate) });

async function obey(gate: Gate, order: BrokerOrder): Promise<void> {
  if (order === "open") return gate.open();
  await gate.shut(SHUTTING);
  parent.report({ type: "shut" });
}

/** Starts an MQTT 3.1.1 broker on a free port of the loopback interface. */
async function startBroker(): Promise<string> {
  const broker = await Aedes.createBroker();
  const port = await listening(createServer(broker.handle));
  return `mqtt://127.0.0.1:${port}`;
}

/** The same address with the gate for a host; the gate speaks TLS itself. */
function throughGate(url: string, gate: Gate): string {
  const through = new URL(url);
  const { username, password } = through;
  const login = username === "" ? "" : `${username}:${password}@`;
  return `mqtt://${login}127.0.0.1:${gate.port}${through.pathname}`;
}
