/**
 * Sending: in order, once, to the byte, and delivered only when acknowledged
 * (G2, G3).
 *
 * @module
 */

import type { Message } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import type { TransportCase } from "./transport_bench.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const nastyPayloads: Readonly<Record<string, () => Uint8Array>> = {
  "nothing": () => new Uint8Array(),
  "every byte": () => Uint8Array.from({ length: 512 }, (_, at) => at % 256),
  "bytes that begin with zero": () => Uint8Array.of(0, 0, 1, 0),
  "bytes that are no UTF-8": () => Uint8Array.of(0xff, 0xc0, 0x80, 0xed),
  "emoji": () => bytes('{"⛵":"港"}'),
  "part of a larger buffer": () => bytes("0123456789").subarray(3, 6),
  "64 KiB": () => new Uint8Array(65_536).fill(0xa5),
};

const nastyTopics: readonly string[] = [
  "conformance/порт/港/⚓️",
  "conformance//empty level",
  'conformance/it\'s "quoted"',
  `conformance/${"long".repeat(250)}`,
];

/** What becomes of messages on a connection. */
export const sendingCases: readonly TransportCase[] = [
  {
    name: "send: delivered only after the broker's acknowledgement",
    async run(bench) {
      const connection = await bench.connect();
      await bench.harness.hang();
      // Fails when anything has an outcome before the broker answers.
      const { messages, outcomes } = await bench.pend(connection);
      await bench.harness.resume();
      checkEqual(
        await outcomes(),
        messages.map(() => "delivered"),
        "the acknowledgements deliver",
      );
      await bench.arrival(messages);
    },
  },
  // Apart, as a broker may pass a message of QoS 2 on when it is released.
  ...([1, 2] as const).map((qos): TransportCase => ({
    name: `send: messages reach the broker in order, once each (QoS ${qos})`,
    async run(bench) {
      const connection = await bench.connect();
      const messages = Array.from(
        { length: 200 },
        (_, at) => bench.message({ qos, key: `k-${at % 3}` }),
      );
      const kinds = await bench.sendAll(connection, messages);
      checkEqual(kinds, messages.map(() => "delivered"), "all are delivered");
      await bench.arrival(messages);
      checkEqual(
        bench.harness.received().map(({ id }) => id),
        messages.map(({ id }) => id),
        "what reached the broker",
      );
    },
  })),
  {
    name: "send: topic and payload arrive to the byte",
    async run(bench) {
      const connection = await bench.connect();
      const messages = [
        ...Object.values(nastyPayloads).map((payload) =>
          bench.message({
            payload: payload(),
            contentType: "application/octet-stream",
          })
        ),
        ...nastyTopics.map((topic) => bench.message({ topic })),
      ];
      const kinds = await bench.sendAll(connection, messages);
      checkEqual(kinds, messages.map(() => "delivered"), "all are delivered");
      await bench.arrival(messages);
      const received = bench.harness.received();
      for (const { id, topic, payload } of messages) {
        const found = received.find((one) => one.id === id);
        checkEqual(found?.topic, topic, "the topic");
        const { byteLength } = payload;
        checkEqual(found?.payload, payload, `a payload of ${byteLength} bytes`);
      }
    },
  },
  {
    name: "send: how long a message is still of use arrives",
    async run(bench) {
      const connection = await bench.connect();
      const messages = [bench.message(), bench.message(), bench.message()];
      const [limited, brief, unlimited] = messages;
      const sends = [
        connection.send(limited!, { remainingMs: 3_600_500 }),
        connection.send(brief!, { remainingMs: 300 }),
        connection.send(unlimited!, {}),
      ];
      const outcomes = await bench.within(Promise.all(sends), "the outcomes");
      checkEqual(
        outcomes.map(({ kind }) => kind),
        messages.map(() => "delivered"),
        "all are delivered",
      );
      await bench.arrival([limited!, unlimited!]);
      const remainingMs = ({ id }: Message) =>
        bench.harness.received().find((one) => one.id === id)?.remainingMs;
      const left = remainingMs(limited!) ?? 0;
      // A broker takes off whole seconds that the message spent with it.
      check(
        left > 3_590_000 && left < 3_601_501,
        `of 3,600,500 ms remain ${left} ms`,
      );
      checkEqual(remainingMs(unlimited!), null, "what remains without a limit");
      const short = remainingMs(brief!);
      if (short === undefined) return;
      check(
        short !== null && short > 0 && short <= 1_000,
        `of 300 ms remain ${short} ms`,
      );
    },
  },
  {
    name: "send: a refused message is not delivered, and its neighbours are",
    async run(bench) {
      const connection = await bench.connect();
      const { refusedTopic: topic } = bench.harness;
      const before = bench.message();
      const refused = bench.message({ topic });
      const after = bench.message();
      const kinds = await bench.sendAll(connection, [before]);
      const outcome = await bench.within(
        connection.send(refused),
        "the outcome of a refused message",
      );
      check(
        outcome.kind === "retry" || outcome.kind === "deferred" ||
          outcome.kind === "dead",
        `a refusal is retry, deferred or dead, not ${outcome.kind}`,
      );
      const { code, reason } = outcome.failure;
      check(code !== "" && !/\s/.test(code), "a refusal has a short code");
      check(reason.length <= 256, "a reason has at most 256 characters");
      check(!/[\r\n]/.test(reason), "a reason is one line");
      kinds.push(...await bench.sendAll(connection, [after]));
      checkEqual(kinds, ["delivered", "delivered"], "its neighbours");
      await bench.arrival([before, after]);
      checkEqual(bench.timesReceived(refused.id), 0, "it was not taken");
    },
  },
  {
    name: "send: a full window is acknowledged whole",
    async run(bench) {
      const connection = await bench.connect();
      const count = Math.min(connection.window, 1_000);
      const messages = Array.from({ length: count }, () => bench.message());
      await bench.harness.hang();
      const sends = messages.map((message) => connection.send(message));
      await bench.breathe();
      await bench.harness.resume();
      const outcomes = await bench.within(Promise.all(sends), "the outcomes");
      checkEqual(
        outcomes.map(({ kind }) => kind),
        messages.map(() => "delivered"),
        "as many messages as the window allows are delivered",
      );
      await bench.arrival(messages);
      checkEqual(
        bench.harness.received().map(({ id }) => id),
        messages.map(({ id }) => id),
        "what reached the broker",
      );
    },
  },
  {
    name: "send: a message is left as it is",
    async run(bench) {
      const connection = await bench.connect();
      const message = bench.message({ payload: Uint8Array.of(1, 2, 3) });
      const copy = { ...message, payload: message.payload.slice() };
      await bench.sendAll(connection, [message]);
      checkEqual(message, copy, "the message after it was sent");
    },
  },
];
