import { createDeadLetters, createRelay, systemClock } from "@mailboat/outbox";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { createRig, message } from "../storage/rig.ts";

test.each([
  ["topic", "CAST(x'61ff62' AS TEXT)", "'meters/m-1'"],
  ["key", "x'ff'", "'m-2'"],
  ["headers", "'[1]'", "NULL"],
  ["response_topic", "x'ff'", "NULL"],
  ["correlation_data", "'no-base64!'", "NULL"],
  ["position", "1.5", "NULL"],
  ["position", "0", "1"],
  ["qos", "9", "1"],
  ["done", "x''", "0"],
])(
  "a row with a damaged %s is set aside and stops no other; repaired, it goes",
  async (column, damaged, sound) => {
    const rig = await createRig();
    await rig.commit(message(), message({ key: "m-2" }), message());
    const set = (value: string) =>
      rig.client.execute(
        `UPDATE mailboat_message SET ${column} = ${value} WHERE seq = 2`,
      );
    await set(damaged);
    const { storage } = rig;
    const transport = createMemoryTransport({ clock: systemClock() });
    const relay = createRelay({ storage, transport });
    await using letters = createDeadLetters({ storage });
    const sent = () => transport.received.map((one) => one.message.seq);

    const first = await relay.drain();
    expect([first.reason, sent()]).toEqual(["empty", [1, 3]]);
    const [dead] = await letters.list();
    expect(dead?.message.seq).toBe(2);
    expect(dead?.message.payload).toEqual(message().payload);
    expect(dead?.failure).toMatchObject({
      code: "DAMAGED",
      reason: `Its row was damaged by somebody else: ${column}`,
      state: "dead",
    });

    expect(await letters.retry({ all: true })).toEqual({ changed: 1 });
    await relay.drain();
    expect(await letters.list()).toHaveLength(1);

    await set(sound);
    expect(await letters.retry({ all: true })).toEqual({ changed: 1 });
    await relay.drain();
    expect(sent()).toEqual([1, 3, 2]);
    expect(await letters.list()).toEqual([]);
    await relay.stop();
  },
);

test("a damaged failure record is dead, whatever state it claims", async () => {
  const rig = await createRig();
  await rig.commit(message(), message({ key: "m-2" }));
  const { storage } = rig;
  const failure = { code: "REFUSED", reason: "It was refused" };
  let refusing = true;
  const transport = createMemoryTransport({
    clock: systemClock(),
    answer: ({ seq }) =>
      refusing && seq === 1 ? { kind: "dead", failure } : { kind: "delivered" },
  });
  const relay = createRelay({ storage, transport });
  await relay.drain();
  await rig.client.execute(
    `UPDATE mailboat_failure SET state = 'zombie', attempts = -5, code = x'00',
      reason = CAST(x'ff' AS TEXT)`,
  );
  await using letters = createDeadLetters({ storage });
  const [dead] = await letters.list();
  expect(dead?.failure).toMatchObject({
    state: "dead",
    attempts: 0,
    code: "",
    reason: "\ufffd",
  });
  refusing = false;
  expect(await letters.retry({ all: true })).toEqual({ changed: 1 });
  await relay.drain();
  expect(transport.received.map((one) => one.message.seq)).toEqual([2, 1]);
  await relay.stop();
});
