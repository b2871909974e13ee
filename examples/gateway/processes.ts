/**
 * The processes of the example: broker, consumer and relay, and what can be
 * done to them.
 *
 * @module
 */

import { Child } from "../stage/child.ts";
import { UsageError } from "../stage/command_line.ts";
import {
  type BrokerOrder,
  type BrokerReport,
  brokerReport,
  type ConsumerOrder,
  type ConsumerReport,
  consumerReport,
  type MqttVersion,
  type Receipt,
  type RelayReport,
  relayReport,
} from "./process_protocol.ts";

/** What the processes need, and who hears about them. */
export interface ProcessesOptions {
  readonly gateway: string;
  readonly databaseUrl: string;
  /** The broker to use; without it, one is started. */
  readonly mqttUrl: string | undefined;
  readonly leaseMs: number;
  /** Called with every message that the consumer received. */
  readonly onReceipt: (receipt: Receipt) => void;
  /** Called with every report of the relay. */
  readonly onRelayReport: (report: RelayReport) => void;
  /** Called when a process fails on its own. */
  readonly onFailure: (error: Error) => void;
}

type Broker = Child<BrokerOrder, BrokerReport>;
type Consumer = Child<ConsumerOrder, ConsumerReport>;
type Relay = Child<never, RelayReport>;

// What each process may do under Deno; Node permits everything.
const READ = "--allow-read";
const NET = "--allow-net";
const ENV = "--allow-env"; // mqtt reads many variables; a list is not enough.
const ADDON = ["--allow-ffi", "--allow-sys=cpus,networkInterfaces,hostname"];

/** All processes but this one. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #mqttVersion: MqttVersion;
  #broker: Broker | null = null;
  #consumer: Consumer | null = null;
  #relay: Relay | null = null;
  #gateUrl = "";

  /** Starts nothing yet. */
  constructor(options: ProcessesOptions) {
    this.#options = options;
    // The embedded broker speaks MQTT 3.1.1 only.
    this.#mqttVersion = options.mqttUrl === undefined ? 4 : 5;
  }

  /** Starts the broker, then the consumer, then the relay; resolves when all is ready. */
  async start(): Promise<void> {
    const { gateway, mqttUrl, onReceipt, onFailure } = this.#options;
    this.#broker = new Child<BrokerOrder, BrokerReport>({
      name: "broker",
      program: new URL("./broker_process", import.meta.url),
      config: { url: mqttUrl ?? null },
      permissions: [READ, NET, ENV],
      reports: brokerReport,
      onReport: () => {},
      onFailure,
    });
    const { url, gateUrl } = await this.#broker.heard("ready");
    this.#gateUrl = gateUrl;

    // The consumer goes round the gate. A broker sends again to a subscriber
    // that was cut off, and may send 2, 3, 2, 3: that is between those two,
    // and would hide what the relay does.
    this.#consumer = new Child<ConsumerOrder, ConsumerReport>({
      name: "consumer",
      program: new URL("./consumer_process", import.meta.url),
      config: {
        gateway,
        brokerUrl: url,
        mqttVersion: this.#mqttVersion,
      },
      permissions: [READ, NET, ENV],
      reports: consumerReport,
      onReport: (report) => {
        if (report.type === "received") onReceipt(report);
        if (report.type === "unreachable") {
          onFailure(
            new UsageError(`The broker cannot be reached: ${report.reason}`),
          );
        }
      },
      onFailure,
    });
    await this.#consumer.heard("ready");
    this.startRelay();
    await this.#relay?.heard("ready");
  }

  /** Starts a relay. */
  startRelay(): void {
    const { databaseUrl, leaseMs, onRelayReport, onFailure } = this.#options;
    this.#relay = new Child<never, RelayReport>({
      name: "relay",
      program: new URL("./relay_process", import.meta.url),
      config: {
        databaseUrl,
        leaseMs,
        brokerUrl: this.#gateUrl,
        mqttVersion: this.#mqttVersion,
      },
      permissions: [READ, NET, ENV, ...ADDON],
      reports: relayReport,
      onReport: onRelayReport,
      onFailure,
    });
  }

  /** The number of the relay's process. */
  get relayPid(): number {
    return this.#relay?.pid ?? 0;
  }

  /** Resolves when the relay says that the broker took a message. */
  async delivery(): Promise<void> {
    await this.#relay?.heard("delivered");
  }

  /** Kills the relay. */
  async killRelay(): Promise<void> {
    await this.#relay?.kill();
  }

  /** Takes the broker away from the relay. */
  async shutGate(): Promise<void> {
    const shut = this.#broker?.heard("shut");
    this.#broker?.order("shut");
    await shut;
  }

  /** Brings the broker back. */
  openGate(): void {
    this.#broker?.order("open");
  }

  /** Stops the relay, then hears the consumer out: nothing arrives any more. */
  async finish(): Promise<void> {
    await this.#relay?.stop();
    const finished = this.#consumer?.heard("finished");
    this.#consumer?.order("finish");
    await finished;
  }

  /** Ends whatever still runs. */
  async stop(): Promise<void> {
    const all = [this.#relay, this.#consumer, this.#broker];
    await Promise.all(all.map((child) => child?.stop()));
  }
}
