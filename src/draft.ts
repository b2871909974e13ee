/**
 * The draft: an event that was made and is not stored yet.
 *
 * @module
 */

import type { OnDead } from "./message.ts";
import type { StandardSchema } from "./standard_schema.ts";

/** What may be said about one event, beside its data. */
export interface DraftOptions {
  /**
   * The message's id, 1 to 255 bytes of UTF-8: enqueueing the same id again
   * stores nothing. Choose it before the first try when an enqueue may have to
   * be repeated. By default the outbox makes a new one.
   */
  readonly id?: string;
  /** Extra headers; they win over those of the event definition. */
  readonly headers?: HeaderSource;
  /**
   * Where an answer is expected (MQTT 5 §3.3.2.3.5), instead of what the event
   * definition says; `null` for nowhere. A topic as any other. MQTT 3.1.1 does
   * not carry it.
   */
  readonly responseTopic?: string | null;
  /**
   * What an answer must carry, for whoever asked to know it again (MQTT 5
   * §3.3.2.3.6): at most 65,535 bytes. MQTT 3.1.1 does not carry it.
   */
  readonly correlationData?: Uint8Array | null;
  /**
   * How long after its enqueue the message expires, in ms: 1 to
   * 315,360,000,000 (ten years); `null`: never. It wins over that of the event
   * definition.
   */
  readonly ttlMs?: number | null;
}

/**
 * Headers as a record, or as pairs of name and value: an array, a `Map`, the
 * `Headers` of a request. They are read when the draft is enqueued, as often as
 * that is tried, and so must be readable more than once.
 */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | Iterable<readonly [name: string, value: string]>;

/** An event definition, resolved. The data of its functions is the schema's output. */
export interface Definition {
  readonly event: string;
  readonly schema: StandardSchema;
  readonly topic: string | ((output: unknown) => string);
  readonly key: string | null | ((output: unknown) => string | null);
  readonly headers:
    | HeaderSource
    | ((output: unknown) => HeaderSource)
    | undefined;
  readonly responseTopic:
    | string
    | null
    | ((output: unknown) => string | null);
  readonly contentType: string | undefined;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  readonly onDead: OnDead | null;
  readonly position: boolean;
  readonly ttlMs: number | null | ((output: unknown) => number | null);
}

/**
 * A plain, comparable value: business logic can return drafts, and tests can
 * compare them. Only an event definition makes one; its data is read and
 * validated when it is enqueued.
 */
export class Draft<Data = unknown> {
  /** The name of its event definition. */
  readonly event: string;
  /** The data, as the caller gave it. */
  readonly data: Data;
  /** The id the caller chose, if any. */
  readonly id: string | undefined;
  /** The headers the caller added, if any. */
  readonly headers: HeaderSource | undefined;
  /** Where the caller expects an answer, if that was said. */
  readonly responseTopic: string | null | undefined;
  /** What the caller wants an answer to carry, if anything. */
  readonly correlationData: Uint8Array | null | undefined;
  /** The time to live that the caller chose, if any. */
  readonly ttlMs: number | null | undefined;

  readonly #definition: Definition;

  /** For event definitions only. */
  constructor(definition: Definition, data: Data, options: DraftOptions) {
    this.event = definition.event;
    this.data = data;
    this.id = options.id;
    this.headers = options.headers;
    this.ttlMs = options.ttlMs;
    this.responseTopic = options.responseTopic;
    this.correlationData = options.correlationData;
    this.#definition = definition;
  }

  /** The definition that made a draft, or `null` for anything else. */
  static definitionOf(value: unknown): Definition | null {
    const isDraft = typeof value === "object" && value !== null &&
      #definition in value;
    return isDraft ? value.#definition : null;
  }
}
