/**
 * Acknowledgements, read from the bytes that the broker sends.
 *
 * mqtt.js reads them too, but gives up at a reason code that it does not know,
 * and then neither the code nor the message is told. Such codes are in use:
 * Mosquitto 2.0 answers a message above its own limit with 0x95.
 *
 * @module
 */

/** One PUBACK, PUBREC or PUBCOMP (MQTT 5 §3.4, §3.5, §3.7). */
export interface Acknowledgement {
  readonly type: "puback" | "pubrec" | "pubcomp";
  /** The packet identifier of the PUBLISH. */
  readonly packetId: number;
  /** The reason code; 0 where none is sent, as always on 3.1.1. */
  readonly code: number;
  /** The reason string, or an empty text. */
  readonly text: string;
}

/** Control packet types, in the upper half of the first byte (MQTT 5 §2.1.2). */
const TYPES: Readonly<Record<number, Acknowledgement["type"]>> = {
  4: "puback",
  5: "pubrec",
  7: "pubcomp",
};

/** How much of a packet is kept: enough for the reason, whatever is sent. */
const MAX_KEPT_BYTES = 1_024;

/** Finds the acknowledgements in a stream, from the first byte of a connection. */
export class AcknowledgementReader {
  /** Receives what ends in a piece of the stream, in order. */
  onRead: (found: readonly Acknowledgement[]) => void = () => {};
  #part: "type" | "length" | "body" = "type";
  #type = 0;
  #length = 0;
  #lengthBytes = 0;
  #missing = 0;
  #kept: number[] = [];

  /** Reads the next piece of the stream. */
  read(chunk: Uint8Array): void {
    const found: Acknowledgement[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#part === "body") {
        const end = Math.min(at + this.#missing, chunk.length);
        this.#keep(chunk.subarray(at, end));
        this.#missing -= end - at;
        at = end;
      } else this.#readHeader(chunk[at++]!);
      if (this.#part === "body" && this.#missing === 0) {
        const acknowledgement = parse(this.#type, this.#kept);
        if (acknowledgement !== null) found.push(acknowledgement);
        this.#part = "type";
      }
    }
    if (found.length > 0) this.onRead(found);
  }

  /** The fixed header: a type, and a length of 7 bits in each byte (MQTT 5 §2.1). */
  #readHeader(byte: number): void {
    if (this.#part === "type") {
      this.#type = byte >> 4;
      this.#part = "length";
      this.#length = 0;
      this.#lengthBytes = 0;
      return;
    }
    this.#length += (byte & 0x7f) * 0x80 ** this.#lengthBytes++;
    if (byte >= 0x80) return;
    this.#part = "body";
    this.#missing = this.#length;
    this.#kept = [];
  }

  #keep(bytes: Uint8Array): void {
    if (TYPES[this.#type] === undefined) return;
    this.#kept.push(...bytes.subarray(0, MAX_KEPT_BYTES - this.#kept.length));
  }
}

/** The variable header: packet identifier, reason code, properties. */
function parse(
  type: number,
  body: readonly number[],
): Acknowledgement | null {
  const name = TYPES[type];
  const [high, low, code = 0] = body;
  if (name === undefined || high === undefined || low === undefined) {
    return null;
  }
  const packetId = high * 0x100 + low;
  return { type: name, packetId, code, text: reasonString(body.slice(3)) };
}

const REASON_STRING = 0x1f;
const USER_PROPERTY = 0x26;

/** Looks for the reason string in the properties of an acknowledgement (MQTT 5 §3.4.2.2). */
function reasonString(properties: readonly number[]): string {
  let at = 0;
  // The length of all properties; they end with the packet anyway.
  while ((properties[at++] ?? 0) >= 0x80);
  const skipString = () => {
    const length = (properties[at] ?? 0) * 0x100 + (properties[at + 1] ?? 0);
    at += 2 + length;
    return at - length;
  };
  while (at < properties.length) {
    const identifier = properties[at++];
    if (identifier === REASON_STRING) {
      const begin = skipString();
      return new TextDecoder().decode(
        Uint8Array.from(properties.slice(begin, at)),
      );
    }
    if (identifier !== USER_PROPERTY) return "";
    skipString();
    skipString();
  }
  return "";
}
