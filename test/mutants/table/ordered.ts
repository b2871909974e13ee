/**
 * G3: first deliveries of a key are in commit order.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which a successor overtakes. */
export const ordered: readonly Mutation[] = [
  {
    name: "messages are read by a clock, not by their sequence",
    file: "adapters/sqlite/pages.ts",
    find: 'ORDER BY "seq" LIMIT ?\n), found',
    replace: 'ORDER BY "enqueued_at_ms", "seq" LIMIT ?\n), found',
    killedBy: ["test/storage/reading.test.ts"],
  },
  {
    name: "a page is cut off in no order",
    file: "adapters/sqlite/pages.ts",
    find: 'WINDOW w AS (ORDER BY "seq" ROWS',
    replace: 'WINDOW w AS (ORDER BY "bytes", "seq" DESC ROWS',
    killedBy: ["test/storage/reading.test.ts"],
  },
  {
    name: "the successor leaves on the acknowledgement, not on the record",
    file: "src/aftermath.ts",
    find: 'tenure.owe({ seq, kind: "delivered", record: null, afterwards });',
    replace:
      'afterwards();\n      tenure.owe({ seq, kind: "delivered", record: null, afterwards: () => {} });',
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "several messages of a key are on their way at once",
    file: "src/logic/lanes.ts",
    find: "convoy.hasRoom(lane.isCautious ? 1 : this.#window);",
    replace: "convoy.hasRoom(64);",
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name: "a message that goes again does so behind its successors",
    file: "src/logic/lanes.ts",
    find: "lane.queue.unshift(...messages);",
    replace: "lane.queue.push(...messages);",
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name: "a dead head does not hold its lane",
    file: "src/aftermath.ts",
    find: "held ? lanes.hold(lane, seq) : lanes.skip(lane, seq)",
    replace: "lanes.skip(lane, seq)",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "a held lane is released by time",
    file: "src/logic/waiting_lanes.ts",
    find: 'if (lane.block === null || lane.block === "held") continue;',
    replace:
      'if (lane.block === null) continue;\n      if (lane.block === "held") lane.block = { untilMs: nowMs };',
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name: "a lane that waits for a retry lets its successors go",
    file: "src/aftermath.ts",
    find:
      "const afterwards = () => tenure.lanes.waitUntil(lane, seq, untilMs);",
    replace:
      "const afterwards = () => tenure.lanes.goOn(lane, seq);\n  void untilMs;",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "a lane is read beyond its dead message",
    file: "src/intake.ts",
    find: "const upTo = Math.min(last, barrier - 1);",
    replace: "const upTo = last;",
    killedBy: ["test/relay/operators.test.ts"],
  },
  {
    name: "the sequence of the newest message is used again",
    file: "adapters/sqlite/removal.ts",
    find: 'WHERE ${where} AND +"seq" < ${',
    replace: 'WHERE ${where} AND +"seq" <= ${',
    killedBy: ["test/storage/settling.test.ts"],
  },
  {
    name: "a connection that left a doubt is sent on",
    file: "src/turn.ts",
    find: "else if (link.connection === flight.connection) {",
    replace: "else if (link.connection === null) {",
    killedBy: ["test/relay/misbehaviour.test.ts"],
  },
  {
    name: "a message overtakes one that is still being encoded",
    file: "adapters/mqtt/connection.ts",
    find: "if (this.#encodings.size === 0 && !isPromise(encoded)) {",
    replace: "if (!isPromise(encoded)) {",
    killedBy: ["test/transport/codecs.test.ts"],
  },
  {
    name: "a message that comes late sets its key back",
    file: "src/logic/continuity.ts",
    find:
      '  if (continuityOf(last, found).kind === "reordered") return last;\n',
    replace: "",
    killedBy: ["test/logic/continuity.test.ts"],
  },
  {
    name: "positions are counted by twos",
    file: "adapters/sqlite/positions.ts",
    find: '"position" = "position" + excluded."position"',
    replace: '"position" = "position" + 2 * excluded."position"',
    killedBy: ["test/storage/positions.test.ts"],
  },
  {
    name: "a key that goes on is forgotten",
    file: "adapters/sqlite/positions.ts",
    find: ', "seq" = excluded."seq"`',
    replace: "`",
    killedBy: ["test/storage/positions.test.ts"],
  },
  {
    name: "calls at once on one transaction are counted together",
    file: "adapters/sqlite/storage.ts",
    find: "(before ?? Promise.resolve()).then(work)",
    replace: "Promise.resolve().then(work)",
    killedBy: ["test/conformance/storage.test.ts"],
  },
  {
    name: "what is not counted passes what was counted before it",
    file: "adapters/sqlite/storage.ts",
    find: "if (before === undefined && !counts) return work();",
    replace: "if (!counts) return work();",
    killedBy: ["test/conformance/storage.test.ts"],
  },
  {
    name: "a savepoint's calls are counted together with its transaction's",
    file: "adapters/drizzle.ts",
    find: "return sessionOf(tx) ?? tx;",
    replace: "return tx;",
    killedBy: ["test/storage/positions.test.ts"],
  },
  {
    name: "an id that is there already takes a position",
    file: "adapters/sqlite/positions.ts",
    find: ' AND NOT ${isThere(tables, "value ->> 1")}',
    replace: "",
    killedBy: ["test/conformance/storage.test.ts"],
  },
  {
    name: "a lane passes a refused message that it learnt of late",
    file: "src/tenure.ts",
    find: "else this.lanes.readApart(lane, this.cursor + 1);",
    replace: "",
    killedBy: ["test/simulation/simulation.test.ts"],
  },
];
