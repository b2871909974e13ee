/**
 * The PUBLISH packet, byte by byte (MQTT 5 §3.3, MQTT 3.1.1 §3.3).
 *
 * @module
 */

import { isAscii, utf8Bytes } from "./utf8_string.ts";

/** What a PUBLISH packet carries. */
export interface Publication {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** `null` on 3.1.1, which has no properties. */
  readonly properties: PublicationProperties | null;
}

/** The properties in use (MQTT 5 §3.3.2.3). */
export interface PublicationProperties {
  /** The Message Expiry Interval, in seconds; `null` for none. */
  readonly expiryS: number | null;
  /** Stands for the topic, which is empty then, or is set to it. */
  readonly topicAlias?: number;
  readonly contentType: string | null;
  readonly responseTopic: string | null;
  readonly correlationData: Uint8Array | null;
  readonly userProperties: readonly (readonly [name: string, value: string])[];
}

const MESSAGE_EXPIRY_INTERVAL = 0x02;
const CONTENT_TYPE = 0x03;
const RESPONSE_TOPIC = 0x08;
const CORRELATION_DATA = 0x09;
const TOPIC_ALIAS = 0x23;
const USER_PROPERTY = 0x26;

const encoder = new TextEncoder();

/** A publication, and the lengths that its packet tells, in bytes. */
export interface MeasuredPublication {
  readonly publication: Publication;
  readonly propertiesBytes: number;
  readonly remainingBytes: number;
  /** The size of the whole packet. */
  readonly packetBytes: number;
}

/** Measures a publication: once, as each text of it must be looked through. */
export function measured(publication: Publication): MeasuredPublication {
  const { topic, payload, properties } = publication;
  const packetIdBytes = 2;
  const propertiesBytes = properties === null ? 0 : lengthOf(properties);
  const remainingBytes = textBytes(topic) + packetIdBytes + payload.length +
    propertiesBytes + (properties === null ? 0 : integerBytes(propertiesBytes));
  const packetBytes = 1 + integerBytes(remainingBytes) + remainingBytes;
  return { publication, propertiesBytes, remainingBytes, packetBytes };
}

/** Encodes the packet. DUP is 0: nothing is sent twice under one identifier. */
export function encodePublish(
  { publication, propertiesBytes, remainingBytes, packetBytes }:
    MeasuredPublication,
  packetId: number,
): Uint8Array {
  const { topic, payload, qos, retain, properties } = publication;
  const packet = new PacketWriter(packetBytes);
  packet.byte(0x30 | (qos << 1) | (retain ? 1 : 0));
  packet.integer(remainingBytes);
  packet.text(topic);
  packet.short(packetId);
  if (properties !== null) {
    packet.integer(propertiesBytes);
    writeProperties(packet, properties);
  }
  packet.raw(payload);
  return packet.bytes;
}

function writeProperties(
  packet: PacketWriter,
  properties: PublicationProperties,
): void {
  const { topicAlias, contentType, responseTopic, correlationData } =
    properties;
  if (properties.expiryS !== null) {
    packet.byte(MESSAGE_EXPIRY_INTERVAL);
    packet.long(properties.expiryS);
  }
  if (topicAlias !== undefined) {
    packet.byte(TOPIC_ALIAS);
    packet.short(topicAlias);
  }
  if (contentType !== null) {
    packet.byte(CONTENT_TYPE);
    packet.text(contentType);
  }
  if (responseTopic !== null) {
    packet.byte(RESPONSE_TOPIC);
    packet.text(responseTopic);
  }
  if (correlationData !== null) {
    packet.byte(CORRELATION_DATA);
    packet.short(correlationData.length);
    packet.raw(correlationData);
  }
  for (const [name, value] of properties.userProperties) {
    packet.byte(USER_PROPERTY);
    packet.text(name);
    packet.text(value);
  }
}

/** Encodes the PUBREL that answers a PUBREC (MQTT 5 §3.6). */
export function encodePubrel(packetId: number): Uint8Array {
  return Uint8Array.of(0x62, 2, packetId >> 8, packetId & 0xff);
}

/** Fills a packet of a known size. */
class PacketWriter {
  readonly bytes: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }

  byte(value: number): void {
    this.bytes[this.#at++] = value;
  }

  short(value: number): void {
    this.byte(value >> 8);
    this.byte(value & 0xff);
  }

  /** A four byte integer (MQTT 5 §1.5.3). */
  long(value: number): void {
    this.short(value >>> 16);
    this.short(value & 0xffff);
  }

  /** A variable byte integer (MQTT 5 §1.5.5). */
  integer(value: number): void {
    for (let rest = value;; rest >>= 7) {
      if (rest < 0x80) return this.byte(rest);
      this.byte((rest & 0x7f) | 0x80);
    }
  }

  /** A UTF-8 encoded string (MQTT 5 §1.5.4). */
  text(value: string): void {
    if (!isAscii(value)) {
      const utf8 = encoder.encode(value);
      this.short(utf8.length);
      return this.raw(utf8);
    }
    this.short(value.length);
    for (let at = 0; at < value.length; at++) this.byte(value.charCodeAt(at));
  }

  raw(value: Uint8Array): void {
    this.bytes.set(value, this.#at);
    this.#at += value.length;
  }
}

function lengthOf(properties: PublicationProperties): number {
  const { contentType, responseTopic, correlationData, userProperties } =
    properties;
  let bytes = contentType === null ? 0 : 1 + textBytes(contentType);
  if (properties.expiryS !== null) bytes += 1 + 4;
  if (properties.topicAlias !== undefined) bytes += 1 + 2;
  if (responseTopic !== null) bytes += 1 + textBytes(responseTopic);
  if (correlationData !== null) bytes += 1 + 2 + correlationData.length;
  for (const [name, value] of userProperties) {
    bytes += 1 + textBytes(name) + textBytes(value);
  }
  return bytes;
}

function textBytes(text: string): number {
  return 2 + utf8Bytes(text);
}

function integerBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  return value < 0x200000 ? 3 : 4;
}
