/**
 * One connection to a broker: messages out, acknowledgements in.
 *
 * @module
 */

import type { MqttClient } from "mqtt";
import type {
  Connection,
  ConnectionWarning,
  EncodedMessage,
  Message,
  Outcome,
  SendFailure,
  SendTerms,
} from "../../mod.ts";
import type {
  Acknowledgement,
  AcknowledgementReader,
} from "./acknowledgements.ts";
import { Encodings, isPromise } from "./encodings.ts";
import { closed, farewell, isReset, lost } from "./farewell.ts";
import { excess, type Limits, misfit, obstacle } from "./limits.ts";
import { publicationOf } from "./publication.ts";
import { encodePublish, encodePubrel, measured } from "./publish_packet.ts";
import type { Peer } from "./peer.ts";
import { messageOf } from "./quoting.ts";
import { rulingOn } from "./ruling.ts";
import type { Settings } from "./settings.ts";
import type { TopicAliases, TopicAliasing } from "./topic_aliases.ts";

/** What a connection is made of. */
export interface Line {
  /** A client that the broker has accepted; it belongs to the connection now. */
  readonly client: MqttClient;
  /** Has read everything that the broker sent so far. */
  readonly reader: AcknowledgementReader;
  /** What the broker is able to take. */
  readonly limits: Limits;
  readonly aliasing: TopicAliasing;
  readonly settings: Settings;
  readonly peer: Peer;
}

/** A message on the wire. */
interface Flight {
  readonly qos: 1 | 2;
  readonly topic: string;
  readonly resolve: (outcome: Outcome) => void;
  /** What the first half of a QoS 2 exchange said. */
  received: Outcome | null;
}

const UNAVAILABLE: Outcome = { kind: "unavailable" };
const UNKNOWN: Outcome = { kind: "unknown" };

/** A DISCONNECT that says so (MQTT 5 §3.14.2.1). */
const TOPIC_ALIAS_INVALID = 0x94;

/** The greatest packet identifier (MQTT 5 §2.2.1). */
const MAX_PACKET_ID = 65_535;

/**
 * A connection over one client of mqtt.js, which keeps it alive and reads
 * DISCONNECT. PUBLISH and its answers pass by the client: it would keep a copy
 * of each message, and keeps silent about answers that it does not know.
 */
export class MqttConnection implements Connection {
  readonly window: number;
  readonly warnings: readonly ConnectionWarning[];
  readonly closed: Promise<SendFailure>;
  readonly #line: Line;
  /** By packet identifier. */
  readonly #flights: Map<number, Flight> = new Map();
  readonly #encodings: Encodings = new Encodings();
  readonly #aliases: TopicAliases;
  #resolveClosed: (failure: SendFailure) => void = () => {};
  #packetId = 0;
  #corked = false;
  #ended = false;

  /** Takes over a line. */
  constructor(line: Line) {
    const { client, reader, limits, aliasing, settings, peer } = line;
    this.#line = line;
    this.warnings = peer.warnings();
    this.#aliases = aliasing.begin(limits.topicAliasMaximum);
    this.window = Math.min(settings.window, limits.receiveMaximum);
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
    reader.onRead = (found) => this.#acknowledge(found);
    client.on("disconnect", (packet) => {
      const unanswered = this.#flights.size;
      if (packet.reasonCode === TOPIC_ALIAS_INVALID) aliasing.stop();
      this.#end(farewell({ packet, peer, unanswered }));
    });
    const dropped = (reason: string) =>
      this.#end(closed(reason, this.#flights.size));
    client.on("error", (error) => {
      const reason = peer.quote(messageOf(error));
      if (isReset(error)) dropped(reason);
      else this.#end(lost(reason));
    });
    client.on("close", () => dropped("The other side closed it"));
  }

  send(message: Message, terms: SendTerms = {}): Promise<Outcome> {
    const underWay = this.#flights.size + this.#encodings.size;
    if (this.#ended || underWay >= this.window) {
      return Promise.resolve(UNAVAILABLE);
    }
    try {
      const encoded = this.#line.settings.codec.encode(message);
      if (this.#encodings.size === 0 && !isPromise(encoded)) {
        return this.#launch(message, terms, encoded);
      }
      return this.#encodings.add({
        encoded,
        launch: (content) => this.#launch(message, terms, content),
        refuse: (error) => this.#notEncoded(error),
      });
    } catch (error) {
      return Promise.resolve(this.#notEncoded(error));
    }
  }

  close(): Promise<void> {
    this.#end({ code: "CLOSED", reason: "Closed by this side" });
    return Promise.resolve();
  }

  /** Puts a message on the wire. */
  #launch(
    message: Message,
    terms: SendTerms,
    encoded: EncodedMessage,
  ): Promise<Outcome> {
    const { settings: { protocol, profile }, limits } = this.#line;
    let packet: Uint8Array;
    let packetId: number;
    try {
      const publication = publicationOf({ message, encoded, terms, protocol });
      const failure = obstacle(publication, limits) ??
        misfit(publication, profile);
      if (failure !== null) return Promise.resolve({ kind: "dead", failure });
      let sent = measured(this.#aliases.shortened(publication));
      // With both its topic and an alias it may be too large by the latter.
      if (excess(sent, limits) !== null) sent = measured(publication);
      const tooLarge = excess(sent, limits);
      if (tooLarge !== null) {
        return Promise.resolve({ kind: "dead", failure: tooLarge });
      }
      packetId = this.#nextPacketId();
      packet = encodePublish(sent, packetId);
    } catch (error) {
      return Promise.resolve(this.#notEncoded(error));
    }
    return new Promise((resolve) => {
      const { qos, topic } = message;
      this.#flights.set(packetId, { qos, topic, resolve, received: null });
      this.#write(packet);
    });
  }

  #notEncoded(error: unknown): Outcome {
    const reason = this.#line.peer.quote(messageOf(error));
    return { kind: "retry", failure: { code: "NOT_ENCODED", reason } };
  }

  /** Identifiers count on and round, past those in use (MQTT 5 §2.2.1). */
  #nextPacketId(): number {
    do {
      this.#packetId = this.#packetId % MAX_PACKET_ID + 1;
    } while (this.#flights.has(this.#packetId));
    return this.#packetId;
  }

  /** What is written in one turn leaves together. */
  #write(bytes: Uint8Array): void {
    const { stream } = this.#line.client;
    if (!this.#corked) {
      this.#corked = true;
      stream.cork();
      void Promise.resolve().then(() => {
        this.#corked = false;
        stream.uncork();
      });
    }
    stream.write(bytes);
  }

  #acknowledge(found: readonly Acknowledgement[]): void {
    let fatal: SendFailure | null = null;
    for (const acknowledgement of found) {
      fatal = this.#settle(acknowledgement) ?? fatal;
    }
    if (fatal !== null) this.#end(fatal);
  }

  /** Resolves a send; returns why the connection cannot go on, or `null`. */
  #settle(acknowledgement: Acknowledgement): SendFailure | null {
    const { type, packetId } = acknowledgement;
    const flight = this.#flights.get(packetId);
    // A repeated or mistaken answer says nothing about a message.
    if (flight === undefined || (type === "puback") !== (flight.qos === 1)) {
      return null;
    }
    const { outcome, fatal } = rulingOn(acknowledgement, this.#line.peer);
    const isTaken = outcome.kind === "delivered";
    if (isTaken) this.#aliases.accepted(flight.topic);
    if (type === "pubrec" && isTaken) {
      flight.received = outcome;
      this.#write(encodePubrel(packetId));
      return null;
    }
    if (type === "pubcomp" && flight.received === null) return null;
    this.#flights.delete(packetId);
    flight.resolve(isTaken ? flight.received ?? outcome : outcome);
    return fatal;
  }

  #end(failure: SendFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#line.client.end(true);
    this.#encodings.abandon();
    for (const { resolve } of this.#flights.values()) resolve(UNKNOWN);
    this.#flights.clear();
    this.#resolveClosed(failure);
  }
}
