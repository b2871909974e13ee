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
    find: "const lane = this.#ready.first;\n    const [message]",
    replace:
      "const lane = [...this.#ready.values()].at(-1);\n    const [message]",
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
    find: "if (lane.queue.length < this.#depth) this.#push(lane, message);",
    replace: "if (this.#depth > 0) this.#push(lane, message);",
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
    name: "a code that the broker knows kills the message by another's rule",
    file: "adapters/mqtt/reason_policy.ts",
    find: "changed.set(`${packet} ${Number(key)}`,",
    replace: "changed.set(`puback ${Number(key)}`,",
    killedBy: ["test/transport/reason_codes.test.ts"],
  },
  {
    name: "a message beyond the broker's limits is stored",
    file: "src/outbox.ts",
    find: "requireFit(one.action, message, limits);",
    replace: "",
    killedBy: ["test/transport/broker_profiles.test.ts"],
  },
  {
    name: "a message beyond the documented limits is sent",
    file: "adapters/mqtt/connection.ts",
    find: "misfit(publication, profile);",
    replace: "misfit(publication, null);",
    killedBy: ["test/transport/broker_profiles.test.ts"],
  },
  {
    name: "a topic goes by its number before the broker knows it",
    file: "adapters/mqtt/topic_aliases.ts",
    find: 'topic: this.#accepted.has(topic) ? "" : topic,',
    replace: 'topic: topicAlias > 0 ? "" : topic,',
    killedBy: ["test/transport/topic_aliases.test.ts"],
  },
  {
    name: "topic aliases go on after a broker has lost count of them",
    file: "adapters/mqtt/topic_aliases.ts",
    find: "this.#most = 0;",
    replace: "this.#most += 0;",
    killedBy: ["test/transport/topic_aliases.test.ts"],
  },
  {
    name: "a dead message without a key holds what has none",
    file: "src/aftermath.ts",
    find: "const held = record.holds && message.key !== null;",
    replace: "const held = record.holds;",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "a careful relay sends before the trial is recorded",
    file: "src/trial.ts",
    find: 'tenure.owe({ seq, kind: "trial", record, afterwards });',
    replace: "void record;\n    afterwards();",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "a message that kills relays is never set aside",
    file: "src/trial.ts",
    find: "earlier.deaths >= maxDeaths",
    replace: "earlier.deaths >= maxDeaths * 1_000",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "others are sent beside the one on trial",
    file: "src/turn.ts",
    find: "if (this.#trial.isOn || this.#isolation.isOn) return 0;",
    replace: "",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "a trial begins while others are on their way",
    file: "src/turn.ts",
    find: "return unjudged + tenure.owing === 0 ? Math.min(1, window) : 0;",
    replace: "return Math.min(1, window);",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "a power cut counts as a death",
    file: "src/logic/probation.ts",
    find: "record.trial === boot ? 1 : 0",
    replace: "record.trial === null ? 0 : 1",
    killedBy: ["test/logic/probation.test.ts"],
  },
  {
    name: "a relay that outlives a message does not take its trial back",
    file: "src/trial.ts",
    find: "if (this.acquitsInMs > 0) return;",
    replace: "if (this.acquitsInMs > -Infinity) return;",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "success refunds no death",
    file: "src/tenure.ts",
    find: "this.setAside.mayHave(seq)",
    replace: "this.setAside.has(seq) && seq < 0",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "a relay that outlived what it sent leaves its successor careful",
    file: "src/turn.ts",
    find: "const proves = tenure.isUnproven && this.#hasOutlived(tenure);",
    replace: "const proves = false;",
    killedBy: ["test/relay/probation.test.ts"],
  },
  {
    name: "a careful relay spends its trials on what came before the poison",
    file: "src/tenure.ts",
    find: "? this.setAside.has(seq)",
    replace: "? isSuspect(this.setAside.get(seq))",
    killedBy: ["test/relay/probation.test.ts"],
  },
];
