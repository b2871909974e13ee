/**
 * One run: sample, break things and mend them, drain, judge.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import { randomUUID } from "node:crypto";
import { Condition } from "./condition.ts";
import {
  faultPeriodMs,
  type FaultRecord,
  type Levers,
  planFaults,
  runFaults,
} from "./faults.ts";
import {
  type GatewayDatabase,
  openGatewayDatabase,
} from "./gateway_database.ts";
import { Ledger } from "./ledger.ts";
import { Processes } from "./processes.ts";
import type { RelayReport } from "./process_protocol.ts";
import { type Report, reportOf } from "./report.ts";
import { runSampler } from "./sampler.ts";
import type { Screen, Situation } from "./screen.ts";
import { compare } from "./verdict.ts";
import { wallClockMs } from "./wall_clock.ts";

/** What a run needs. */
export interface RunOptions {
  /** How long to sample, in seconds. */
  readonly seconds: number;
  /** The broker to use; without it, one is started. */
  readonly mqttUrl: string | undefined;
  /** The directory of the database. */
  readonly directory: string;
  /** The database: a file that does not exist yet. */
  readonly databaseUrl: string;
  /** Makes the screen. */
  readonly openScreen: (situation: () => Situation) => Screen;
  /** Is given what to call when the user has seen enough. */
  readonly onInterrupt: (interrupt: () => void) => void;
}

/** How long the backlog may take to go. */
const DRAIN_WITHIN_MS = 30_000;
const DRAIN_LOOK_MS = 20;
/** How long to wait for the moment at which a fault does most harm. */
const PATIENCE_MS = 500;
/** The lease of the relay, while faults are five seconds apart or more. */
const LEASE_MS = 1_500;

const intro = `
Mailboat: this machine's vital signs, through an outbox, over MQTT.

  sampler → SQLite (business tables and outbox) → relay → broker → consumer

Meanwhile the relay is killed and the broker taken away.
`;

const clock = systemClock();

/** Runs the example and resolves with what came of it. */
export async function run(options: RunOptions): Promise<Report> {
  const database = await openGatewayDatabase(options.databaseUrl);
  const show = new Show(options, database);
  try {
    return await Promise.race([show.play(), show.failure]);
  } finally {
    await show.end();
    database.close();
  }
}

class Show {
  /** Rejects when a process fails. */
  readonly failure: Promise<never>;
  readonly #options: RunOptions;
  readonly #database: GatewayDatabase;
  readonly #processes: Processes;
  readonly #screen: Screen;
  readonly #gateway = `gw-${randomUUID().slice(0, 8)}`;
  readonly #ledger = new Ledger();
  readonly #condition = new Condition();
  readonly #devices = new Set<string>();
  readonly #sampling = new AbortController();
  readonly #draining = new AbortController();
  #rolledBack = 0;

  constructor(options: RunOptions, database: GatewayDatabase) {
    this.#options = options;
    this.#database = database;
    this.#screen = options.openScreen(() => this.#situation());
    options.onInterrupt(() => this.#interrupt());
    let onFailure: (error: Error) => void = () => {};
    this.failure = new Promise((_, reject) => onFailure = reject);
    this.#processes = new Processes({
      gateway: this.#gateway,
      databaseUrl: options.databaseUrl,
      mqttUrl: options.mqttUrl,
      // A takeover must fit between two faults.
      leaseMs: Math.min(LEASE_MS, faultPeriodMs(options.seconds) * 0.3),
      onReceipt: (receipt) => this.#ledger.received(receipt),
      onRelayReport: (report) => this.#heard(report),
      onFailure,
    });
  }

  /** The whole run. */
  async play(): Promise<Report> {
    const { seconds, directory } = this.#options;
    const { signal } = this.#sampling;
    this.#screen.print(intro);
    await this.#processes.start();
    this.#screen.say("all processes are there: sampling begins");
    const startedAtMs = wallClockMs();
    void clock.sleep(seconds * 1_000, signal)
      .then(() => this.#sampling.abort());
    const [faults] = await Promise.all([
      runFaults(planFaults(seconds), { levers: this.#levers(), signal }),
      runSampler({
        gateway: this.#gateway,
        database: this.#database,
        directory,
        signal,
        onCommit: (reading, committedAtMs) => {
          this.#devices.add(reading.device);
          this.#ledger.committed(reading, committedAtMs);
        },
        onRollback: () => this.#rolledBack += 1,
      }),
    ]);
    const sampledMs = wallClockMs() - startedAtMs;
    this.#screen.say("sampling is over: the backlog drains");
    const drained = await this.#drained();
    await this.#processes.finish();
    return await this.#report({ faults, drained, startedAtMs, sampledMs });
  }

  /** Ends everything that still runs. */
  async end(): Promise<void> {
    this.#sampling.abort();
    this.#draining.abort();
    this.#screen.close();
    await this.#processes.stop();
  }

  /** The first time it ends the sampling, then the waiting for the backlog. */
  #interrupt(): void {
    if (this.#sampling.signal.aborted) this.#draining.abort();
    this.#sampling.abort();
  }

  #levers(): Levers {
    const processes = this.#processes;
    return {
      "relay kill": {
        breakIt: async () => {
          // The worst moment: the broker has a message, and the relay may not
          // have recorded it yet.
          await Promise.race([processes.delivery(), clock.sleep(PATIENCE_MS)]);
          await processes.killRelay();
          this.#condition.relayKilled();
          this.#screen.say("the relay is killed (SIGKILL)", "bad");
        },
        mendIt: () => {
          processes.startRelay();
          this.#condition.relayStarted();
          this.#screen.say("a new relay is started");
        },
      },
      "broker outage": {
        breakIt: async () => {
          await processes.shutGate();
          this.#condition.brokerGone();
          this.#screen.say("the broker is taken away", "bad");
        },
        mendIt: () => {
          processes.openGate();
          this.#condition.brokerBack();
          this.#screen.say("the broker is back");
        },
      },
    };
  }

  #heard(report: RelayReport): void {
    this.#condition.heard(report);
    if (report.type === "took over") {
      const { epoch } = report;
      this.#screen.say(`the relay has the lease (epoch ${epoch})`, "good");
    } else if (report.type === "connected") {
      this.#screen.say("the relay is connected to the broker", "good");
    } else if (report.type === "trouble") {
      this.#screen.say(`the relay is in trouble: ${report.reason}`, "bad");
    }
  }

  /** Resolves when the backlog is gone (`true`), or when it took too long. */
  async #drained(): Promise<boolean> {
    const untilMs = clock.monotonicMs() + DRAIN_WITHIN_MS;
    const { signal } = this.#draining;
    while (this.#ledger.backlog > 0) {
      if (signal.aborted || clock.monotonicMs() > untilMs) return false;
      await clock.sleep(DRAIN_LOOK_MS, signal);
    }
    return true;
  }

  #situation(): Situation {
    const { committedCount, deliveredCount, backlog, duplicates, oldestAtMs } =
      this.#ledger;
    return {
      backlog,
      duplicates,
      committed: committedCount,
      delivered: deliveredCount,
      rolledBack: this.#rolledBack,
      oldestMs: oldestAtMs === null ? 0 : wallClockMs() - oldestAtMs,
      broken: this.#condition.broken,
    };
  }

  async #report(outcome: {
    readonly faults: readonly FaultRecord[];
    readonly drained: boolean;
    readonly startedAtMs: number;
    readonly sampledMs: number;
  }): Promise<Report> {
    const { receipts, passages } = this.#ledger;
    const { window, lostConnections } = this.#condition;
    return reportOf({
      ...outcome,
      findings: compare(await this.#database.committed(), receipts),
      passages,
      window,
      lostConnections,
      rolledBack: this.#rolledBack,
      devices: this.#devices.size,
      mqttUrl: this.#options.mqttUrl,
    });
  }
}
