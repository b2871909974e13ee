/**
 * G3 in pipelined order: the last copies of a key are in commit order.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which a last copy comes too early, or not at all. */
export const pipelined: readonly Mutation[] = [
  {
    name: "an acknowledgement counts though one before it has none",
    file: "src/logic/convoy.ts",
    find: "if (one.landed === null || !isDelivered(one.landed.outcome)) break;",
    replace:
      "if (one.landed === null || !isDelivered(one.landed.outcome)) continue;",
    killedBy: ["test/logic/convoy.test.ts"],
  },
  {
    name:
      "a refused message goes again while others of its key are on their way",
    file: "src/logic/convoy.ts",
    find: "if (landed.length < rest.length) return { due, behind: [] };",
    replace: "if (rest[0]?.landed === null) return { due, behind: [] };",
    killedBy: ["test/logic/convoy.test.ts"],
  },
  {
    name: "others are sent behind a failure",
    file: "src/logic/convoy.ts",
    find: "if (!isDelivered(outcome)) this.close();",
    replace: "",
    killedBy: ["test/logic/convoy.test.ts"],
  },
  {
    name: "what was sent behind a skipped message does not go again",
    file: "src/logic/lanes.ts",
    find: "    this.putBack(lane, seq);\n",
    replace: "    this.#turnBack(lane, seq);\n    this.#sort(lane);\n",
    killedBy: ["test/relay/pipelined.test.ts"],
  },
  {
    name: "only the first of those in doubt goes again",
    file: "src/logic/lanes.ts",
    find: "const messages = this.#turnBack(lane, seq)\n",
    replace: "const messages = this.#turnBack(lane, seq).slice(0, 1)\n",
    killedBy: ["test/relay/pipelined.test.ts"],
  },
  {
    name: "acknowledgements that wait take up no room of the window",
    file: "src/tenure.ts",
    find: "return delivered + failed + this.lanes.withheld;",
    replace: "return delivered + failed;",
    killedBy: ["test/relay/pipelined.test.ts"],
  },
  {
    name: "a convoy mixes topics and QoS",
    file: "src/logic/convoy.ts",
    find:
      "return last === undefined || (last.topic === topic && last.qos === qos);",
    replace: "return last === undefined || topic !== undefined || qos > 0;",
    killedBy: ["test/logic/convoy.test.ts"],
  },
  {
    name: "an expired message goes before those on their way are recorded",
    file: "src/logic/lanes.ts",
    find: "lane.convoy.isEmpty ? this.#handOut(lane, count) : []",
    replace: "this.#handOut(lane, count)",
    killedBy: ["test/relay/pipelined.test.ts"],
  },
  {
    name: "a lane is held though others of it are on their way",
    file: "src/logic/lanes.ts",
    find: "if (!lane.convoy.isEmpty) this.close(lane);",
    replace: "if (lane.unreadFrom === null) this.close(lane);",
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name: "each refusal of a message repeats all of those behind it",
    file: "src/logic/lanes.ts",
    find: "lane.queue.length = 0;\n    lane.isCautious = true;",
    replace: "lane.queue.length = 0;",
    killedBy: ["test/relay/pipelined.test.ts"],
  },
  {
    name: "pipelined order is accepted on a transport without an order",
    file: "src/relay_options.ts",
    find: 'if (order === "pipelined" && transport.ordered !== true) {',
    replace: 'if (order === "pipelined" && transport.ordered === null) {',
    killedBy: ["test/relay/pipelined.test.ts"],
  },
];
