/**
 * Topic aliases: numbers that stand for the topics of one connection (MQTT 5
 * §3.3.2.3.4). They are never stored.
 *
 * @module
 */

import type { Publication } from "./publish_packet.ts";

/** How many aliases connections use, and whether they may still. */
export class TopicAliasing {
  #most: number;

  /** Begins with the most that the user wants; 0 for none. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The aliases of one connection, at most as many as its broker takes. */
  begin(topicAliasMaximum: number): TopicAliases {
    return new TopicAliases(Math.min(this.#most, topicAliasMaximum));
  }

  /** A broker lost count of them (0x94): the next connections use none. */
  stop(): void {
    this.#most = 0;
  }
}

/**
 * The aliases of one connection. The first topics get them; there is no
 * exchange. A topic goes along with its alias until the broker has accepted a
 * message with both, so that the order and the fate of messages do not matter.
 */
export class TopicAliases {
  readonly #most: number;
  readonly #aliases: Map<string, number> = new Map();
  readonly #accepted: Set<string> = new Set();

  /** Begins without any. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The publication as it is sent, with or in place of its topic. */
  shortened(publication: Publication): Publication {
    const { topic, properties } = publication;
    const topicAlias = this.#aliasOf(topic);
    if (properties === null || topicAlias === undefined) return publication;
    return {
      ...publication,
      topic: this.#accepted.has(topic) ? "" : topic,
      properties: { ...properties, topicAlias },
    };
  }

  /** The broker has accepted a message to this topic. */
  accepted(topic: string): void {
    if (this.#aliases.has(topic)) this.#accepted.add(topic);
  }

  #aliasOf(topic: string): number | undefined {
    const alias = this.#aliases.get(topic);
    if (alias !== undefined || this.#aliases.size >= this.#most) return alias;
    this.#aliases.set(topic, this.#aliases.size + 1);
    return this.#aliases.size;
  }
}
