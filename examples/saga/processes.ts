/**
 * The processes of the saga: the broker and the three services, and what can
 * be done to them.
 *
 * @module
 */

import { Child } from "../stage/child.ts";
import { UsageError } from "../stage/command_line.ts";
import type { ServiceName } from "./events.ts";
import type { Market } from "./market.ts";
import {
  type BrokerReport,
  brokerReport,
  type MqttVersion,
  type ServiceReport,
  serviceReport,
} from "./process_protocol.ts";

/** What the processes need, and who hears about them. */
export interface ProcessesOptions {
  readonly market: Market;
  /** The URL of each service's database. */
  readonly databases: Readonly<Record<ServiceName, string>>;
  /** The broker to use; without it, one is started. */
  readonly mqttUrl: string | undefined;
  /** Called with every report of a service. */
  readonly onReport: (service: ServiceName, report: ServiceReport) => void;
  /** Called when a process fails on its own. */
  readonly onFailure: (error: Error) => void;
}

type ServiceChild = Child<never, ServiceReport>;

// What each process may do under Deno; Node permits everything.
const BROKER = ["--allow-read", "--allow-net", "--allow-env"];
const SERVICE = [
  ...BROKER,
  "--allow-ffi",
  "--allow-sys=cpus,networkInterfaces,hostname",
];

/** All processes but this one. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #mqttVersion: MqttVersion;
  readonly #services = new Map<ServiceName, ServiceChild>();
  #broker: Child<never, BrokerReport> | null = null;
  #brokerUrl = "";
  #isOpen = false;
  #isEnding = false;

  /** Starts nothing yet. */
  constructor(options: ProcessesOptions) {
    this.#options = options;
    // The embedded broker speaks MQTT 3.1.1 only.
    this.#mqttVersion = options.mqttUrl === undefined ? 4 : 5;
  }

  /**
   * Starts everything, the order service last: before the first event is sent,
   * the broker must know everybody who wants to hear of it.
   */
  async start(): Promise<void> {
    this.#brokerUrl = this.#options.mqttUrl ?? await this.#startBroker();
    for (const service of ["stock", "payment", "order"] as const) {
      await this.#startService(service).heard("ready");
    }
    this.#isOpen = true;
  }

  /** Kills a service with no chance to do anything more, and starts it again. */
  async restart(service: ServiceName): Promise<void> {
    await this.#services.get(service)?.kill();
    if (!this.#isEnding) this.#startService(service);
  }

  /** Ends whatever still runs; the broker last. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#services.values()].map((its) => its.stop()));
    await this.#broker?.stop();
  }

  async #startBroker(): Promise<string> {
    this.#broker = new Child<never, BrokerReport>({
      name: "broker",
      program: new URL("./broker_process", import.meta.url),
      config: {},
      permissions: BROKER,
      reports: brokerReport,
      onReport: () => {},
      onFailure: this.#options.onFailure,
    });
    return (await this.#broker.heard("ready")).url;
  }

  #startService(service: ServiceName): ServiceChild {
    const { market, databases, onReport, onFailure } = this.#options;
    const child = new Child<never, ServiceReport>({
      name: service,
      program: new URL(`./${service}_service`, import.meta.url),
      config: {
        market,
        databaseUrl: databases[service],
        brokerUrl: this.#brokerUrl,
        mqttVersion: this.#mqttVersion,
      },
      permissions: SERVICE,
      reports: serviceReport,
      onReport: (report) => {
        onReport(service, report);
        if (report.type === "trouble" && !this.#isOpen) {
          onFailure(new UsageError(`The saga cannot begin: ${report.reason}`));
        }
      },
      onFailure,
    });
    this.#services.set(service, child);
    return child;
  }
}
