/**
 * G5: a message that makes the broker end connections is found, and nobody else
 * is blamed.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which a culprit goes free, or an innocent message does not. */
export const suspected: readonly Mutation[] = [
  {
    name: "a culprit on a bad network ends connections every second for good",
    file: "src/logic/isolation.ts",
    find: "        suspicion.acquittals += 1;",
    replace: "",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "a farewell suspects messages that are answered",
    file: "adapters/mqtt/farewell.ts",
    find: "if (unanswered > 0) {",
    replace: "if (unanswered >= 0) {",
    killedBy: ["test/transport/reason_codes.test.ts"],
  },
  {
    name: "silence of the network counts against messages",
    file: "adapters/mqtt/farewell.ts",
    find: "return unanswered > 0",
    replace: "return unanswered >= 0",
    killedBy: ["test/transport/lost_connection.test.ts"],
  },
  {
    name: "missing rights bury a message",
    file: "adapters/mqtt/farewell.ts",
    find: 'onceProven: isRights ? "defer" : "bury"',
    replace: 'onceProven: isRights ? "bury" : "bury"',
    killedBy: ["test/transport/reason_codes.test.ts"],
  },
  {
    name: "an answer for one message clears all that ended in silence",
    file: "src/logic/isolation.ts",
    find: "if (this.#ends.cameThrough(seq))",
    replace:
      "for (let one = 0; one < 9; one++) this.#ends.explain(one);\n    if (this.#ends.cameThrough(seq))",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "suspects go together, and nobody is ever found",
    file: "src/turn.ts",
    find: "|| this.#isSuspectNext(tenure)) {",
    replace: ") {",
    killedBy: ["test/simulation/endings.test.ts"],
  },
  {
    name: "a message that has expired stays under suspicion",
    file: "src/logic/isolation.ts",
    find: "this.#suspects.delete(seq);\n    this.#ends.explain(seq);",
    replace: "this.#ends.explain(seq);",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "a message that has expired counts as come through",
    file: "src/logic/isolation.ts",
    find: "this.#suspects.delete(seq);\n    this.#ends.explain(seq);",
    replace: "this.#suspects.delete(seq);\n    this.#ends.refused(seq);",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "silence condemns without witnesses",
    file: "src/logic/isolation.ts",
    find: "if (delivered - suspectedAt.delivered < WITNESSES) return false;",
    replace: "",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "silence condemns while nobody comes through any more",
    file: "src/logic/isolation.ts",
    find: "ends - accusedAt.ends === ownEnds;",
    replace: "ends >= accusedAt.ends + ownEnds;",
    killedBy: ["test/logic/isolation.test.ts"],
  },
  {
    name: "an end of the network's speaks against whoever was alone",
    file: "src/logic/isolation.ts",
    find: "if (this.#ends.cameThrough(seq)) this.#acquitSilent();",
    replace: "this.#ends.cameThrough(seq);",
    killedBy: [
      "test/logic/isolation.test.ts",
      "test/logic/flapping_network.test.ts",
    ],
  },
  {
    name: "an end whose cause is known is taken for the network's",
    file: "src/logic/silent_ends.ts",
    find: "left === 0 && !isClosed",
    replace: "left === 0 && isClosed !== undefined",
    killedBy: ["test/logic/silent_ends.test.ts"],
  },
  {
    name: "poison on trial is sent for ever",
    file: "src/turn.ts",
    find: "next === null || this.#isolation.isSentenced(next.seq)",
    replace: "next === null",
    killedBy: ["test/relay/isolation.test.ts"],
  },
  {
    name: "a drain takes what a message does for an outage",
    file: "src/link.ts",
    find:
      'if (advice !== "suspect" && advice !== "silent") this.#outages += 1;',
    replace: "this.#outages += 1;",
    killedBy: ["test/relay/isolation.test.ts"],
  },
  {
    name: "what was learnt of a suspect goes with the lease",
    file: "src/logic/isolation.ts",
    find: "abandon(): void {",
    replace: "abandon(): void {\n    this.#suspects.clear();",
    killedBy: ["test/simulation/endings.test.ts"],
  },
  {
    name: "a broker that errs once condemns a message",
    file: "src/logic/isolation.ts",
    find: "EXPLICIT_PROOFS = 2;",
    replace: "EXPLICIT_PROOFS = 1;",
    killedBy: ["test/simulation/endings.test.ts"],
  },
  {
    name: "missing rights are taken for the message's fault",
    file: "src/logic/isolation.ts",
    find: 'failure.onceProven === "defer"',
    replace: 'failure.code === ""',
    killedBy: ["test/simulation/endings.test.ts"],
  },
  {
    name: "that a proven message only lacks rights is lost on the way",
    file: "src/logic/send_failure.ts",
    find: 'failure?.onceProven === "defer"',
    replace: 'failure?.code === ""',
    killedBy: ["test/simulation/endings.test.ts"],
  },
  {
    name: "what was looked at before the reason of its end is no suspect",
    file: "src/dispatch.ts",
    find: "[...this.#taken, ...this.#landings]",
    replace: "[...this.#landings]",
    killedBy: ["test/relay/late_end.test.ts"],
  },
  {
    name: "others go beside a suspect",
    file: "src/turn.ts",
    find: "if (this.#trial.isOn || this.#isolation.isOn) return 0;",
    replace: "if (this.#trial.isOn) return 0;",
    killedBy: ["test/simulation/endings.test.ts"],
  },
];
