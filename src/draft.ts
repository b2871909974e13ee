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
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * How long after its enqueue the message expires, in ms: 1 to
   * 315,360,000,000 (ten years); `null`: never. It wins over that of the event
   * definition.
   */
  readonly ttlMs?: number | null;
}

/** An event definition, resolved. The data of its functions is the schema's output. */
export interface Definition {
  readonly event: string;
  readonly schema: StandardSchema;
  readonly topic: string | ((output: unknown) => string);
  readonly key: string | null | ((output: unknown) => string | null);
  readonly headers:
    | Readonly<Record<string, string>>
    | ((output: unknown) => Readonly<Record<string, string>>)
    | undefined;
  readonly contentType: string | undefined;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  readonly onDead: OnDead | null;
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
  readonly headers: Readonly<Record<string, string>> | undefined;
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
    this.#definition = definition;
  }

  /** The definition that made a draft, or `null` for anything else. */
  static definitionOf(value: unknown): Definition | null {
    const isDraft = typeof value === "object" && value !== null &&
      #definition in value;
    return isDraft ? value.#definition : null;
  }
}
