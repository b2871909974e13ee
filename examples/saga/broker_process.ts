/**
 * The broker process. It is never killed: its sessions are in its memory.
 *
 * @module
 */

import * as v from "valibot";
import { startEmbeddedBroker } from "../stage/embedded_broker.ts";
import { joinParent } from "../stage/parent.ts";
import { brokerConfig, type BrokerReport } from "./process_protocol.ts";

const { parent } = await joinParent<object, never, BrokerReport>({
  config: brokerConfig,
  order: v.never(),
});
const { url } = await startEmbeddedBroker();
parent.report({ type: "ready", url });
