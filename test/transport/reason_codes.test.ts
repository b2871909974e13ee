import type { Connection, Outcome } from "@mailboat/outbox";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { line } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

/** What becomes of a message, and whether the connection survives. */
type Expected = readonly [kind: Outcome["kind"], survives: boolean];

const known: Readonly<Record<number, Expected>> = {
  0x00: ["delivered", true],
  0x10: ["delivered", true],
  0x80: ["retry", true],
  0x83: ["retry", true],
  0x87: ["deferred", true],
  0x90: ["dead", true],
  0x91: ["unknown", false],
  0x97: ["deferred", true],
  0x99: ["dead", true],
};
const codes = Array.from({ length: 256 }, (_, code) => code);
const name = (code: number) =>
  `MQTT_0x${code.toString(16).toUpperCase().padStart(2, "0")}`;

async function expectOutcome(
  connection: Connection,
  code: number,
  qos: 1 | 2,
): Promise<void> {
  const [kind, survives] = known[code] ?? ["retry", false];
  const outcome = await connection.send(sampleMessage({ qos }));
  expect(outcome.kind, name(code)).toBe(kind);
  if ("failure" in outcome) expect(outcome.failure.code).toBe(name(code));
  if (survives) return;
  expect(await connection.closed).toMatchObject({ code: name(code) });
}

describe.each([1, 2] as const)("the answer to a message of QoS %s", (qos) => {
  test("is an outcome for each of the 256 codes, and delivery for two of them only", async () => {
    for (const code of codes) {
      const { connection } = await line({ answer: () => code });
      await expectOutcome(connection, code, qos);
      await connection.close();
    }
  });

  test("says why, shortened and on one line", async () => {
    const text = `no\r\n\u202e${"x".repeat(300)}`;
    const { connection } = await line({ answer: () => ({ code: 0x97, text }) });
    const outcome = await connection.send(sampleMessage({ qos }));
    expect(outcome).toMatchObject({ kind: "deferred", afterMs: 5_000 });
    const { reason } = "failure" in outcome ? outcome.failure : { reason: "" };
    expect(reason).toMatch(
      /^Quota exceeded: no\\u\{000d\}\\u\{000a\}\\u\{202e\}x+…$/,
    );
    expect(reason.length).toBeLessThanOrEqual(256);
  });
});

test("authorisation is waited for longer than quota", async () => {
  const { connection } = await line({ answer: () => 0x87 });
  expect(await connection.send(sampleMessage()))
    .toMatchObject({ kind: "deferred", afterMs: 60_000 });
});

describe("PUBCOMP", () => {
  test.each([
    [0x00, "delivered"],
    // The broker has lost its half of the exchange, and perhaps the message.
    [0x92, "retry"],
    [0x80, "retry"],
    // Success by its number, but PUBCOMP has no such code.
    [0x10, "retry"],
  ])("with code %s makes of the message: %s", async (code, kind) => {
    const { connection } = await line({ complete: () => code });
    const outcome = await connection.send(sampleMessage({ qos: 2 }));
    expect(outcome.kind).toBe(kind);
  });

  test("of a refused message is not waited for", async () => {
    const { broker, connection } = await line({ answer: () => 0x99 });
    const outcome = await connection.send(sampleMessage({ qos: 2 }));
    expect(outcome.kind).toBe("dead");
    expect(broker.released).toEqual([]);
  });
});

test("a code that nobody knows costs its own message an attempt, and no other", async () => {
  // As Mosquitto answers a message above its own limit: PUBACK with 0x95.
  const { broker, connection } = await line({ answer: () => "hold" });
  const sends = [1, 2, 3, 4].map((seq) =>
    connection.send(sampleMessage({ seq }))
  );
  await eventually(() => broker.published.length === 4, "all messages");
  const ids = broker.published.map((each) => each.messageId!);
  const puback = (
    id: number,
    code: number,
  ) => [0x40, 3, id >> 8, id & 255, code];
  broker.send(Uint8Array.from([
    ...puback(ids[0]!, 0x00),
    ...puback(ids[1]!, 0x95),
    ...puback(ids[2]!, 0x00),
  ]));
  expect(await Promise.all(sends)).toMatchObject([
    { kind: "delivered" },
    { kind: "retry", failure: { code: "MQTT_0x95" } },
    { kind: "delivered" },
    { kind: "unknown" },
  ]);
  expect(await connection.closed).toMatchObject({ code: "MQTT_0x95" });
});
