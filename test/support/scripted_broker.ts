/**
 * An MQTT broker over TCP that does what the test says: it refuses, answers
 * with any reason code, stays silent, cuts the connection.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  generate,
  type IConnackPacket,
  type IConnectPacket,
  type IPublishPacket,
  type ISubscribePacket,
  type Packet,
  parser,
} from "mqtt-packet";

/** What the broker does about a PUBLISH. */
export type Answer =
  /** Acknowledges it with a reason code; always 0 on 3.1.1. */
  | number
  /** Acknowledges it with a reason code and a reason string. */
  | { readonly code: number; readonly text: string }
  /** Sends these bytes. */
  | Uint8Array
  /** Says nothing, until {@link ScriptedBroker.release}. */
  | "hold"
  /** Destroys the connection. */
  | "cut";

/** What the broker does about a CONNECT. */
export type Welcome =
  /** Accepts, with properties on MQTT 5. */
  | {
    readonly properties?: IConnackPacket["properties"];
    readonly sessionPresent?: boolean;
  }
  /** Refuses with a reason code, or a return code on 3.1.1. */
  | { readonly code: number; readonly text?: string }
  /** Sends these bytes. */
  | Uint8Array
  | "silence"
  | "cut";

/** The script. */
export interface ScriptedBrokerOptions {
  /** The port to listen on, so that a broker can come back; free by default. */
  readonly port?: number;
  /** The version it speaks. */
  readonly protocol?: 5 | 4;
  readonly welcome?: Welcome;
  /** Decides on each PUBLISH; 0x00 by default. */
  readonly answer?: (publish: IPublishPacket) => Answer;
  /** The answer to PUBREL; 0x00 by default. */
  readonly complete?: () => Answer;
  /** The codes of the answer to SUBSCRIBE; 0x01 for each filter by default. */
  readonly grant?: (subscribe: ISubscribePacket) => readonly number[];
  /** Whether it answers PINGREQ; it does by default. */
  readonly pongs?: boolean;
}

/** A broker that listens. */
export interface ScriptedBroker {
  readonly port: number;
  readonly url: string;
  /** Every CONNECT, in order. */
  readonly connects: readonly IConnectPacket[];
  /** Every PUBLISH, in order of arrival. */
  readonly published: readonly IPublishPacket[];
  /** The packet identifier of every PUBREL, in order. */
  readonly released: readonly number[];
  /** Every SUBSCRIBE, in order. */
  readonly subscribes: readonly ISubscribePacket[];
  /** The packet identifier of every PUBACK, in order. */
  readonly acknowledged: readonly number[];
  /** How many PINGREQ have come. */
  readonly pings: number;
  /** Connections that are open. */
  readonly sockets: number;
  /** The most messages that were unacknowledged at a time. */
  readonly peak: number;
  /** Answers what is held, oldest first; returns how many. */
  release(answer?: Answer): number;
  /** Sends a packet, or bytes, to every connection. */
  send(packet: Packet | Uint8Array): void;
  /** Destroys every connection. */
  cut(): void;
  /** Stops reading, so that what clients send stays on the way. */
  freeze(): void;
  /** Ends it; idempotent. */
  close(): Promise<void>;
}

/** Starts a broker on a free port of the loopback address. */
export async function startScriptedBroker(
  options: ScriptedBrokerOptions = {},
): Promise<ScriptedBroker> {
  const { protocol = 5 } = options;
  const connects: IConnectPacket[] = [];
  const published: IPublishPacket[] = [];
  const released: number[] = [];
  const subscribes: ISubscribePacket[] = [];
  const acknowledged: number[] = [];
  const records = {
    ...{ connects, published, released, subscribes, acknowledged },
    pings: 0,
  };
  const sessions = new Set<Session>();
  const server = createServer({ noDelay: true }, (socket) => {
    const session = new Session(socket, options, records);
    sessions.add(session);
    socket.on("close", () => sessions.delete(session));
  }).listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let peak = 0;
  const cut = () => sessions.forEach(({ socket }) => socket.destroy());
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    connects,
    published,
    released,
    subscribes,
    acknowledged,
    get pings() {
      return records.pings;
    },
    get sockets() {
      return sessions.size;
    },
    get peak() {
      for (const session of sessions) peak = Math.max(peak, session.peak);
      return peak;
    },
    release: (answer = 0) =>
      [...sessions].reduce((sum, each) => sum + each.release(answer), 0),
    send: (packet) =>
      sessions.forEach(({ socket }) =>
        socket.write(
          packet instanceof Uint8Array
            ? packet
            : generate(packet, { protocolVersion: protocol }),
        )
      ),
    cut,
    freeze: () => sessions.forEach(({ socket }) => socket.pause()),
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

/** What all connections write down. */
interface Records {
  readonly connects: IConnectPacket[];
  readonly published: IPublishPacket[];
  readonly released: number[];
  readonly subscribes: ISubscribePacket[];
  readonly acknowledged: number[];
  pings: number;
}

/** One connection, as the broker sees it. */
class Session {
  peak = 0;
  readonly socket: Socket;
  readonly #options: ScriptedBrokerOptions;
  readonly #records: Records;
  readonly #held: IPublishPacket[] = [];
  #unacknowledged = 0;

  constructor(
    socket: Socket,
    options: ScriptedBrokerOptions,
    records: Records,
  ) {
    this.socket = socket;
    this.#options = options;
    this.#records = records;
    const input = parser({ protocolVersion: this.#protocol });
    input.on("packet", (packet: Packet) => this.#receive(packet));
    input.on("error", () => socket.destroy());
    socket.on("data", (data) => input.parse(data));
    socket.on("error", () => {});
  }

  release(answer: Answer): number {
    const held = this.#held.splice(0);
    for (const packet of held) this.#answer(packet, answer);
    return held.length;
  }

  get #protocol(): 5 | 4 {
    return this.#options.protocol ?? 5;
  }

  #receive(packet: Packet): void {
    if (packet.cmd === "connect") {
      this.#records.connects.push(packet);
      this.#welcome(this.#options.welcome ?? {});
    } else if (packet.cmd === "publish") {
      this.#records.published.push(packet);
      this.peak = Math.max(this.peak, ++this.#unacknowledged);
      this.#answer(packet, this.#options.answer?.(packet) ?? 0);
    } else if (packet.cmd === "pubrel") {
      this.#unacknowledged--;
      this.#records.released.push(packet.messageId!);
      this.#reply(0x70, packet.messageId!, this.#options.complete?.() ?? 0);
    } else if (packet.cmd === "subscribe") {
      this.#records.subscribes.push(packet);
      this.#grant(packet);
    } else if (packet.cmd === "puback") {
      this.#records.acknowledged.push(packet.messageId!);
    } else if (packet.cmd === "pingreq") {
      this.#records.pings++;
      if (this.#options.pongs !== false) this.#write({ cmd: "pingresp" });
    }
  }

  #welcome(welcome: Welcome): void {
    if (welcome === "silence") return;
    if (welcome === "cut") return void this.socket.destroy();
    if (welcome instanceof Uint8Array) return void this.socket.write(welcome);
    const code = "code" in welcome ? welcome.code : 0;
    const text = "code" in welcome ? welcome.text : undefined;
    const properties = "code" in welcome ? undefined : welcome.properties;
    this.#write({
      cmd: "connack",
      sessionPresent: "sessionPresent" in welcome &&
        welcome.sessionPresent === true,
      ...(this.#protocol === 5 ? { reasonCode: code } : { returnCode: code }),
      ...(text === undefined ? {} : { properties: { reasonString: text } }),
      ...(properties === undefined ? {} : { properties }),
    });
    if (code !== 0) this.socket.end();
  }

  #grant(packet: ISubscribePacket): void {
    const codes = this.#options.grant?.(packet) ??
      packet.subscriptions.map(() => 1);
    const id = [packet.messageId! >> 8, packet.messageId! & 0xff];
    const body = [...id, ...this.#protocol === 5 ? [0] : [], ...codes];
    this.socket.write(Uint8Array.from([0x90, body.length, ...body]));
  }

  #answer(packet: IPublishPacket, answer: Answer): void {
    if (answer === "hold") return void this.#held.push(packet);
    const code = typeof answer === "object" && "code" in answer
      ? answer.code
      : answer;
    if (packet.qos === 1 || (typeof code === "number" && code >= 0x80)) {
      this.#unacknowledged--;
    }
    this.#reply(packet.qos === 1 ? 0x40 : 0x50, packet.messageId!, answer);
  }

  /** Written byte by byte, as generators refuse the codes that tests are after. */
  #reply(firstByte: number, packetId: number, answer: Answer): void {
    if (answer === "hold") return;
    if (answer === "cut") return void this.socket.destroy();
    if (answer instanceof Uint8Array) return void this.socket.write(answer);
    const id = [packetId >> 8, packetId & 0xff];
    if (this.#protocol === 4) {
      return void this.socket.write(Uint8Array.from([firstByte, 2, ...id]));
    }
    const { code, text } = typeof answer === "number"
      ? { code: answer, text: "" }
      : answer;
    const body = [...id, code, ...reasonString(text)];
    this.socket.write(
      Uint8Array.from([firstByte, ...variableInteger(body.length), ...body]),
    );
  }

  #write(packet: Packet): void {
    this.socket.write(generate(packet, { protocolVersion: this.#protocol }));
  }
}

function reasonString(text: string): number[] {
  if (text === "") return [];
  const utf8 = [...new TextEncoder().encode(text)];
  const property = [0x1f, utf8.length >> 8, utf8.length & 0xff, ...utf8];
  return [...variableInteger(property.length), ...property];
}

function variableInteger(value: number): number[] {
  return value < 0x80
    ? [value]
    : [0x80 | (value & 0x7f), ...variableInteger(value >> 7)];
}
