/**
 * G2: nothing lost, and nothing settled before the acknowledgement.
 *
 * @module
 */

import type { Mutation } from "../mutant.ts";

/** Mutations by which messages vanish. */
export const lossless: readonly Mutation[] = [
  {
    name: "a message is settled when it is sent, not when it is acknowledged",
    file: "src/dispatch.ts",
    find: "flight.connection.send(flight.message, flight.terms)",
    replace:
      'flight.connection.send(flight.message, flight.terms).catch(() => {});\n      Promise.resolve<Outcome>({ kind: "delivered" })',
    killedBy: ["test/relay/delivery.test.ts"],
  },
  {
    name: "an unknown outcome counts as a delivery",
    file: "src/logic/settlement.ts",
    find: 'return { kind: "again" };',
    replace: 'return { kind: "done" };',
    killedBy: ["test/logic/settlement.test.ts"],
  },
  {
    name: "a message of unknown outcome is passed over",
    file: "src/aftermath.ts",
    find: "tenure.lanes.putBack(lane, seq);",
    replace: "tenure.lanes.goOn(lane, seq);",
    killedBy: ["test/relay/misbehaviour.test.ts"],
  },
  {
    name: "a lost connection delivers what was on it",
    file: "adapters/mqtt/connection.ts",
    find: "resolve(UNKNOWN)",
    replace: 'resolve({ kind: "delivered" })',
    killedBy: ["test/transport/lost_connection.test.ts"],
  },
  {
    name: "PUBREC counts as a delivery",
    file: "adapters/mqtt/connection.ts",
    find: 'if (type === "pubrec" && isTaken) {',
    replace: 'if (type === "pubrec" && !isTaken) {',
    killedBy: ["test/transport/sending.test.ts"],
  },
  {
    name: "every reason code below 0x80 counts as a delivery",
    file: "adapters/mqtt/reason_policy.ts",
    find: "?? UNKNOWN_REASON;",
    replace: '?? { ...UNKNOWN_REASON, ...(code < 0x80 && { class: "ok" }) };',
    killedBy: ["test/transport/reason_codes.test.ts"],
  },
  {
    name: "the cursor passes messages that were not taken in",
    file: "src/intake.ts",
    find: "tenure.cursor = Math.min(page.scannedTo, horizon);",
    replace: "tenure.cursor = page.scannedTo;",
    killedBy: ["test/relay/operators.test.ts"],
  },
  {
    name: "a page that was cut short counts as read to the end of the scan",
    file: "adapters/sqlite/pages.ts",
    find: "CASE (SELECT count(*) FROM found) WHEN (SELECT count(*) FROM taken)",
    replace: "CASE 1 WHEN 1",
    killedBy: ["test/storage/reading.test.ts"],
  },
  {
    name: "an expired message leaves no trace",
    file: "src/tenure.ts",
    find: 'const [delivered, expired] = [owed("delivered"), owed("expired")];',
    replace:
      'const gone = [...owed("delivered"), ...owed("expired")];\n    const [delivered, expired] = [gone, [] as number[]];',
    killedBy: ["test/relay/expiry.test.ts"],
  },
  {
    name: "a wall clock that jumps lets messages expire",
    file: "src/logic/age.ts",
    find: "unexplainedMs <= STEP_MS",
    replace: "unexplainedMs <= Infinity",
    killedBy: ["test/relay/expiry.test.ts"],
  },
  {
    name:
      "a message that was known before a jump is judged by the clock after it",
    file: "src/logic/age.ts",
    find: ": this.#knownSeq + 1,",
    replace: ": 0,",
    killedBy: ["test/logic/age.test.ts"],
  },
  {
    name: "what was stamped before a jump must be committed at once",
    file: "src/logic/age.ts",
    find: "const COMMIT_MS = 60_000;",
    replace: "const COMMIT_MS = 0;",
    killedBy: ["test/logic/age.test.ts"],
  },
  {
    name: "regimes that were merged make messages older",
    file: "src/logic/age.ts",
    find: "Math.min(first.offsetMs, second.offsetMs)",
    replace: "Math.max(first.offsetMs, second.offsetMs)",
    killedBy: ["test/logic/age.test.ts"],
  },
  {
    name: "an unset clock's time of enqueue is believed",
    file: "src/logic/age.ts",
    find: ">= SET_SINCE_MS === isSet",
    replace: ">= SET_SINCE_MS || true || isSet",
    killedBy: ["test/logic/age.test.ts"],
  },
  {
    name: "a dead message is removed like a delivered one",
    file: "src/tenure.ts",
    find: "failed: this.#debts.flatMap(({ record }) => record ?? []),",
    replace: "failed: [],",
    killedBy: ["test/relay/refusals.test.ts"],
  },
  {
    name: "a message is recorded before all that may still fail",
    file: "adapters/sqlite/inbox.ts",
    find: `  const { changes } = yield [
    ...preparation(home.tables, request),
    recordStatement(home, request),
  ];
`,
    replace: `  const { changes } = yield [recordStatement(home, request)];
  yield preparation(home.tables, request);
`,
    killedBy: ["test/storage/inbox.test.ts"],
  },
  {
    name: "a clock that jumps makes an inbox forget its newest records",
    file: "src/logic/retention.ts",
    find: "oldUpTo: number - keepMinRows,",
    replace: "oldUpTo: number,",
    killedBy: ["test/logic/retention.test.ts"],
  },
  {
    name: "a delivery is acknowledged before what it causes is committed",
    file: "src/consumption.ts",
    find: "const result = await this.#handling.handle(strand.items[0]!);",
    replace:
      "strand.items[0]!.delivery.acknowledge(); const result = await this.#handling.handle(strand.items[0]!);",
    killedBy: [
      "test/consumer/handling.test.ts",
      "test/crash/subscribed_consumer_killed.test.ts",
    ],
  },
  {
    name: "a consumer does again what it has done",
    file: "src/handling.ts",
    find: "if (isNew) await work(tx);",
    replace: "await work(tx);",
    killedBy: [
      "test/consumer/handling.test.ts",
      "test/crash/subscribed_consumer_killed.test.ts",
    ],
  },
  {
    name: "a consumer leaves out what is no event",
    file: "src/handling.ts",
    find:
      'return { kind: "refused", failure: { code: "UNDECODABLE", reason } };',
    replace: 'void reason; return { kind: "ignored" };',
    killedBy: ["test/consumer/handling.test.ts"],
  },
  {
    name: "a driver that answers at once commits without the disk",
    file: "adapters/sqlite/sync_driver.ts",
    find: 'exec("PRAGMA synchronous = FULL");',
    replace: 'exec("PRAGMA synchronous = NORMAL");',
    killedBy: ["test/drivers/drivers.test.ts"],
  },
];
