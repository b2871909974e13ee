/**
 * G5: a message that fails delays its own lane only.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which one lane costs the others. */
export const isolated: readonly Mutation[] = [
  {
    name: "a blocked lane's backlog is read at every look",
    file: "src/intake.ts",
    find: "exceptKeys: lanes.laggingKeys(),",
    replace: "exceptKeys: [],",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "lanes that lag behind are read before all others",
    file: "src/intake.ts",
    find: "this.#lanesTurn = !this.#lanesTurn || !othersToo;",
    replace: "this.#lanesTurn = true;",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "lanes that lag behind are read after all others",
    file: "src/intake.ts",
    find: "this.#lanesTurn = !this.#lanesTurn || !othersToo;",
    replace: "this.#lanesTurn = !othersToo;",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "the lane that became ready last goes first",
    file: "src/logic/lanes.ts",
    find: "const [lane] = this.#ready;",
    replace: "const lane = [...this.#ready].at(-1);",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "a deferral spends an attempt",
    file: "src/logic/settlement.ts",
    find: "attempts: earlier?.attempts ?? 0,",
    replace: "attempts: (earlier?.attempts ?? 0) + 1,",
    killedBy: ["test/logic/settlement.test.ts"],
  },
  {
    name: "one lane may fill the memory",
    file: "src/logic/lanes.ts",
    find:
      "if (lane.queue.length < this.#limits.depth) this.#push(lane, message);",
    replace: "if (this.#limits.depth > 0) this.#push(lane, message);",
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name:
      "a packet that the broker cannot take is sent, and ends the connection",
    file: "adapters/mqtt/connection.ts",
    find: "if (failure !== null) return",
    replace: "if (failure !== null && limits.maximumQos === 0) return",
    killedBy: ["test/transport/limits.test.ts"],
  },
  {
    name: "a dead message without a key holds what has none",
    file: "src/aftermath.ts",
    find: "const held = record.holds && message.key !== null;",
    replace: "const held = record.holds;",
    killedBy: ["test/relay/refusals.test.ts"],
  },
];
