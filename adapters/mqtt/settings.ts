/**
 * The options of an MQTT transport, checked once.
 *
 * @module
 */

import {
  checkedNumber,
  cloudEventsBinary,
  cloudEventsStructured,
  type Codec,
  compressingCodec,
  type CompressionOptions,
  InputError,
  type MessageLimits,
  rawCodec,
  shorten,
} from "../../mod.ts";
import type { Address } from "./address.ts";
import { type BrokerProfile, profileOf } from "./broker_profiles.ts";
import {
  checkText,
  type DialOptions,
  type DialSettings,
  dialSettingsOf,
} from "./dial_settings.ts";

/** How to talk to the broker. Everything has a default. */
export interface MqttTransportOptions extends DialOptions {
  /**
   * How many messages may be unacknowledged at a time; the broker may lower
   * it. From 1 to 65,535.
   *
   * @default {64}
   */
  readonly window?: number;
  /**
   * The broker, if its documented limits should count beside those that it
   * tells: what is beyond them is dead before it is sent. Give `createOutbox`
   * the same, from `brokerLimits`, and it is refused before it is stored.
   *
   * @default {only what the broker tells}
   */
  readonly profile?: BrokerProfile;
  /**
   * For how many topics of a connection a number goes on the wire in place of
   * the name, from the second message on; the broker may allow fewer. From 0 to
   * 65,535; on 3.1.1 there are none.
   *
   * @default {0}
   */
  readonly topicAliases?: number;
  /**
   * What goes on the wire.
   *
   * - `cloudevents`: a CloudEvent, in binary mode on MQTT 5, where the
   *   attributes are user properties, and in structured mode on 3.1.1.
   * - `cloudevents-structured`: a CloudEvent in structured mode, one JSON text.
   * - `raw`: the bare payload, with the id and the headers as user properties
   *   on MQTT 5 and without them on 3.1.1.
   * - any {@link Codec}. 3.1.1 carries its payload, and nothing else.
   *
   * @default {"cloudevents"}
   */
  readonly format?: Format;
  /**
   * Whether large payloads are compressed with gzip, and from which size on;
   * declared by the attribute `contentencoding`. Consumers must know of it:
   * `decodeEvent` does. Not with `raw` on 3.1.1, which cannot declare it.
   *
   * @default {nothing is compressed}
   */
  readonly compress?: CompressionOptions;
  /**
   * The `source` of every CloudEvent: a URI reference that names the producer.
   * Left out where another codec decides.
   *
   * @default {"/mailboat"}
   */
  readonly source?: string;
}

/** A wire format by its name, or one of the user's own. */
export type Format = "cloudevents" | "cloudevents-structured" | "raw" | Codec;

/** The options with their defaults. */
export interface Settings extends DialSettings {
  readonly window: number;
  readonly topicAliases: number;
  /** The documented limits of the broker, if it is known. */
  readonly profile: MessageLimits | null;
  readonly codec: Codec;
}

const action = "create an MQTT transport";

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InputError} `INVALID_OPTION`, with the option, its value and its bounds.
 */
export function settingsOf(
  options: MqttTransportOptions,
  address: Address,
): Settings {
  const dial = dialSettingsOf(action, options, address);
  if (options.source !== undefined) {
    checkText(action, "source", options.source);
  }
  const window = checkedNumber({
    action,
    option: "window",
    value: options.window,
    default: 64,
    min: 1,
    max: 65_535,
  });
  if (options.topicAliases && dial.protocol === 4) {
    const required = "left out or 0, as MQTT 3.1.1 has none";
    throw refusal("topicAliases", required, shorten(options.topicAliases));
  }
  return Object.freeze({
    ...dial,
    window,
    topicAliases: checkedNumber({
      action,
      option: "topicAliases",
      value: options.topicAliases,
      default: 0,
      min: 0,
      max: 65_535,
    }),
    profile: profileOf(action, options.profile),
    codec: compressedBy(options, codecOf(options, dial.protocol)),
  });
}

function codecOf(
  { format = "cloudevents", source }: MqttTransportOptions,
  protocol: 5 | 4,
): Codec {
  const producer = source === undefined ? {} : { source };
  if (format === "cloudevents") {
    return protocol === 5
      ? cloudEventsBinary(producer)
      : cloudEventsStructured(producer);
  }
  if (format === "cloudevents-structured") {
    return cloudEventsStructured(producer);
  }
  if (source !== undefined) {
    const required = "left out, as it is for CloudEvents only";
    throw refusal("source", required, shorten(source));
  }
  if (format === "raw") return rawCodec();
  if (typeof format === "object" && typeof format?.encode === "function") {
    return format;
  }
  const required = "cloudevents, cloudevents-structured, raw or a codec";
  throw refusal("format", required, shorten(format));
}

function compressedBy(
  { compress, format, protocol }: MqttTransportOptions,
  codec: Codec,
): Codec {
  if (compress === undefined) return codec;
  const required = typeof compress !== "object" || compress === null
    ? "an object: { overBytes }"
    : format === "raw" && protocol === 4
    ? "left out, as raw on MQTT 3.1.1 cannot declare it"
    : null;
  if (required !== null) throw refusal("compress", required, shorten(compress));
  return compressingCodec(codec, compress);
}

function refusal(field: string, required: string, found: string): InputError {
  return new InputError("INVALID_OPTION", { action, field, required, found });
}
