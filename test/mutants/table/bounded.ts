/**
 * G7: memory, window, duplicates and texts have a limit.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations that lift a limit. */
export const bounded: readonly Mutation[] = [
  {
    name: "the reason of a refusal is kept at any length",
    file: "src/logic/send_failure.ts",
    find: 'reasonOf(failure?.reason ?? "", MAX_REASON)',
    replace: 'String(failure?.reason ?? "")',
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "the window is ignored",
    file: "src/turn.ts",
    find: "return window - unjudged - tenure.unsettled;",
    replace: "return window === 0 ? 0 : Infinity;",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "what is acknowledged and not recorded takes no room in the window",
    file: "src/turn.ts",
    find: "return window - unjudged - tenure.unsettled;",
    replace: "return window - unjudged;",
    killedBy: ["test/relay/window.test.ts"],
  },
  {
    name: "what has landed and was not judged takes no room in the window",
    file: "src/turn.ts",
    find: "return window - unjudged - tenure.unsettled;",
    replace: "return window - this.#dispatch.inFlight - tenure.unsettled;",
    killedBy: ["test/relay/window.test.ts"],
  },
  {
    name: "a pass that is under way sends on after stop",
    file: "src/turn.ts",
    find: "if (connection === null || this.#dispatch.isHalted) return;",
    replace: "if (connection === null) return;",
    killedBy: ["test/relay/lifecycle.test.ts"],
  },
  {
    name: "the broker's Receive Maximum is ignored",
    file: "adapters/mqtt/connection.ts",
    find: "Math.min(settings.window, limits.receiveMaximum)",
    replace: "settings.window",
    killedBy: ["test/transport/sending.test.ts"],
  },
  {
    name: "the memory for messages has no limit",
    file: "src/intake.ts",
    find:
      "if (lanes.queued >= readBatch || lanes.queuedBytes >= readAheadBytes) {",
    replace: "if (lanes.queued < 0) {",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "the memory for payloads has no limit",
    file: "src/intake.ts",
    find: "lanes.queued >= readBatch || lanes.queuedBytes >= readAheadBytes",
    replace: "lanes.queued >= readBatch",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "a page has no limit in bytes",
    file: "adapters/sqlite/pages.ts",
    find: '("position" = 1 OR "total" <= ?)',
    replace: '("position" > 0 OR "total" <= ?)',
    killedBy: ["test/storage/reading.test.ts"],
  },
  {
    name: "a read looks at any number of rows",
    file: "adapters/sqlite/pages.ts",
    find: "const SCAN_ROWS = 5_000;",
    replace: "const SCAN_ROWS = 5_000_000;",
    killedBy: ["test/storage/reading.test.ts"],
  },
  {
    name: "any number of messages may be set aside",
    file: "src/tenure.ts",
    find: "return !this.setAside.isFull &&",
    replace: "return this.setAside.isFull ||",
    killedBy: ["test/relay/operators.test.ts"],
  },
  {
    name: "a turn sends the whole window at once",
    file: "src/turn.ts",
    find: "Math.min(burst, this.#room(tenure))",
    replace: "this.#room(tenure)",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name:
      "the archive is trimmed by one part in ten seconds, however much it holds",
    file: "src/upkeep.ts",
    find: "if (removed < PRUNE_LIMIT) this.#prunedMs = nowMs;",
    replace: "this.#prunedMs = removed < 0 ? 0 : nowMs;",
    killedBy: ["test/relay/archive.test.ts"],
  },
  {
    name: "the archive is trimmed at every pass",
    file: "src/upkeep.ts",
    find: "if (removed < PRUNE_LIMIT) this.#prunedMs = nowMs;",
    replace: "void removed;",
    killedBy: ["test/relay/archive.test.ts"],
  },
  {
    name: "the archive is trimmed in one transaction of any size",
    file: "src/upkeep.ts",
    find: "limit: PRUNE_LIMIT,",
    replace: "limit: 1_000_000,",
    killedBy: ["test/relay/archive.test.ts"],
  },
  {
    name: "what is being encoded does not count for the window",
    file: "adapters/mqtt/connection.ts",
    find: "this.#flights.size + this.#encodings.size;",
    replace: "this.#flights.size;",
    killedBy: ["test/transport/codecs.test.ts"],
  },
  {
    name: "data that is unpacked has no limit",
    file: "src/compression.ts",
    find: "if (length > maxBytes) {",
    replace: "if (length > maxBytes * 1_000) {",
    killedBy: ["test/wire/decode_event.test.ts"],
  },
  {
    name: "fewer records of an inbox go than come",
    file: "src/logic/retention.ts",
    find: "export const EXPIRE_ROWS = 64;",
    replace: "export const EXPIRE_ROWS = 16;",
    killedBy: ["test/logic/retention.test.ts"],
  },
  {
    name: "an inbox remembers every key that it ever met",
    file: "src/logic/retention.ts",
    find: "return upTo > 0 ? { upTo, limit: FORGET_LANES } : null;",
    replace:
      "return upTo > 0 && upTo < 0 ? { upTo, limit: FORGET_LANES } : null;",
    killedBy: ["test/logic/retention.test.ts"],
  },
  {
    name: "a broker that says it is too much is sent as much as before",
    file: "src/logic/governor.ts",
    find: "this.#limit = Math.max(1, Math.floor(used / 2));",
    replace: "",
    killedBy: ["test/logic/governor.test.ts", "test/relay/connections.test.ts"],
  },
  {
    name: "a window that was cut never grows back",
    file: "src/logic/governor.ts",
    find: "this.#limit += 1;",
    replace: "",
    killedBy: ["test/logic/governor.test.ts"],
  },
  {
    name: "fewer keys are looked at than come new",
    file: "src/upkeep.ts",
    find: "LOOK_LIMIT = 2 * LOOK_EVERY;",
    replace: "LOOK_LIMIT = LOOK_EVERY / 2;",
    killedBy: ["test/relay/upkeep.test.ts"],
  },
  {
    name: "keys that came while no relay ran are never caught up with",
    file: "src/upkeep.ts",
    find: "(oldest?.seq ?? newestSeq) - LOOK_EVERY;",
    replace: "(oldest && newestSeq) ?? newestSeq;",
    killedBy: ["test/relay/upkeep.test.ts"],
  },
  {
    name: "an idle relay looks at keys",
    file: "src/upkeep.ts",
    find: "if (newestSeq - this.#lookedFor < LOOK_EVERY) return;",
    replace: "",
    killedBy: ["test/relay/upkeep.test.ts"],
  },
  {
    name: "correlation data of any length is sent",
    file: "adapters/mqtt/limits.ts",
    find: "> MAX_BINARY_BYTES) {",
    replace: "> Infinity) {",
    killedBy: ["test/transport/limits.test.ts"],
  },
  {
    name: "expired messages are kept for ever",
    file: "adapters/sqlite/expired.ts",
    find: 'ORDER BY "place" LIMIT ?\n) AND',
    replace: 'ORDER BY "place" LIMIT 0 * ?\n) AND',
    killedBy: ["test/conformance/storage.test.ts"],
  },
  {
    name: "expired messages of one key are recorded one by one",
    file: "src/logic/lanes.ts",
    find: "end < 0 ? Infinity : end",
    replace: "Math.min(1, end < 0 ? Infinity : end)",
    killedBy: ["test/relay/expiry.test.ts"],
  },
  {
    name: "every try to connect is told of",
    file: "src/link.ts",
    find: "if (this.#told === code) return;",
    replace: "",
    killedBy: ["test/relay/connections.test.ts"],
  },
];
