/**
 * G8: when the faults heal everything drains, and idle means idle.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which a relay gets stuck, or never rests. */
export const live: readonly Mutation[] = [
  {
    name: "the outbox is taken for read to its end, though somebody committed",
    file: "adapters/sqlite/tail.ts",
    find: "if (version === this.#version) return true;",
    replace: "if (this.#version !== null) return true;",
    killedBy: ["test/storage/tail.test.ts"],
  },
  {
    name: "a new connection passes for the one that it replaces",
    file: "adapters/libsql/driver.ts",
    find: "return `${this.#connections}:",
    replace: "return `",
    killedBy: ["test/storage/tail.test.ts"],
  },
  {
    name: "a stall is never broken",
    file: "src/turn.ts",
    find: "if (this.#stallInMs() > 0) return;",
    replace: "if (this.#stallInMs() > -Infinity) return;",
    killedBy: ["test/relay/connections.test.ts"],
  },
  {
    name: "one lost acknowledgement among many is never missed",
    file: "src/dispatch.ts",
    find: "if (oldest === flight) this.#oldestSinceMs =",
    replace: "if (oldest !== undefined) this.#oldestSinceMs =",
    killedBy: ["test/relay/connections.test.ts"],
  },
  {
    name: "a relay that waits is busy",
    file: "src/relay.ts",
    find: "const restMs = Math.ceil(Math.min(waitMs, untilEndMs));",
    replace: "const restMs = Math.min(0, waitMs, untilEndMs);",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "an idle relay renews its lease",
    file: "src/turn.ts",
    find: "return tenure.renewalInMs === 0 && this.#needsLease(tenure);",
    replace: "return tenure.renewalInMs === 0;",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "without a hint nothing is found",
    file: "src/standby.ts",
    find: "this.#restMs = nextLookMs(this.#restMs, this.#options.pollMs);",
    replace: "this.#restMs = Infinity;",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "a hint between two waits is lost",
    file: "src/alarm.ts",
    find: "this.#rung = true;",
    replace: "",
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "a standby never goes back to a lane that another relay brought on",
    file: "src/standby.ts",
    find: "this.#passed.revision === revision && stillWait",
    replace: "this.#passed.revision === revision",
    killedBy: ["test/relay/standby.test.ts"],
  },
  {
    name: "a standby does not wake when a retry is due",
    file: "src/standby.ts",
    find: "if (page.end) return dueInMs;",
    replace: "if (page.end) return Infinity;",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "a waiting lane is never woken",
    file: "src/logic/waiting_lanes.ts",
    find: "if (lane.block.untilMs <= nowMs) due.push(lane);",
    replace: "if (lane.block.untilMs < 0) due.push(lane);",
    killedBy: ["test/logic/lanes.test.ts"],
  },
  {
    name:
      "what did not fit in memory is not looked at again when there is room",
    file: "src/tenure.ts",
    find: "(this.setAside.horizon < Infinity && this.#hasSpace)",
    replace: "(this.setAside.horizon < 0 && this.#hasSpace)",
    killedBy: ["test/relay/operators.test.ts"],
  },
  {
    name: "records of what was delivered are left behind, and fill the memory",
    file: "src/tenure.ts",
    find: "this.setAside.mayHave(seq)",
    replace: "this.setAside.has(seq)",
    killedBy: ["test/relay/operators.test.ts"],
  },
  {
    name: "a running relay does not notice what operators change",
    file: "adapters/sqlite/dead_letters.ts",
    find: '"revision" = "revision" + 1',
    replace: '"revision" = "revision" + 0',
    killedBy: ["test/storage/dead_letters.test.ts"],
  },
  {
    name: "a connection that never opens is waited for",
    file: "src/link.ts",
    find: "if (!deadline.signal.aborted) attempt.abort();",
    replace: "",
    killedBy: ["test/relay/connections.test.ts"],
  },
  {
    name: "a database that is never idle starves timers and sockets",
    file: "src/relay.ts",
    find: "await clock.turn();",
    replace: "",
    killedBy: ["test/integration/event_loop.test.ts"],
  },
  {
    name: "a broker that asks to be called again at once is called without end",
    file: "src/logic/reconnect.ts",
    find: "if (tries === 1) return 0;",
    replace: "return 0;",
    killedBy: ["test/logic/reconnect.test.ts"],
  },
  {
    name: "nobody heeds that the network is back",
    file: "src/link.ts",
    find: 'if (this.#state.kind !== "waiting") return;\n    this.#retryAtMs',
    replace: "return;\n    this.#retryAtMs",
    killedBy: ["test/relay/connections.test.ts"],
  },
  {
    name: "nobody is told of a handler that never ends",
    file: "src/consumption.ts",
    find: "this.#tellSlow(nowMs);",
    replace: "",
    killedBy: ["test/consumer/connection.test.ts"],
  },
];
