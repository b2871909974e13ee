/**
 * Ending: a connection ends once, leaves no send without an outcome, and never
 * sends again (G2, G4, G8).
 *
 * @module
 */

import type { Connection, SendFailure } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import type { TransportBench, TransportCase } from "./transport_bench.ts";

/** How a connection ends. */
export const endingCases: readonly TransportCase[] = [
  {
    name: "end: pending sends are unknown when the broker cuts the connection",
    async run(bench) {
      const connection = await bench.connect();
      await bench.harness.hang();
      const { messages, outcomes } = await bench.pend(connection);
      await bench.harness.cut();
      await checkClosed(bench, connection);
      checkEqual(await outcomes(), messages.map(() => "unknown"), "they are");
    },
  },
  {
    name: "end: pending sends are unknown when this side closes",
    async run(bench) {
      const connection = await bench.connect();
      await bench.harness.hang();
      const { messages, outcomes } = await bench.pend(connection);
      await bench.within(
        connection.close(),
        "close(), which waits for no acknowledgement,",
      );
      checkEqual(await outcomes(), messages.map(() => "unknown"), "they are");
      await checkClosed(bench, connection);
    },
  },
  {
    name: "end: closed resolves once, however often it ends",
    async run(bench) {
      const connection = await bench.connect();
      await Promise.all([connection.close(), connection.close()]);
      const reason = await checkClosed(bench, connection);
      await connection.close();
      await bench.harness.cut();
      await bench.breathe();
      checkEqual(await checkClosed(bench, connection), reason, "the reason");
    },
  },
  {
    name: "end: closed is pending while the connection lives",
    async run(bench) {
      const connection = await bench.connect();
      let closed = false;
      void connection.closed.then(() => closed = true);
      await bench.sendAll(connection, [bench.message()]);
      await bench.breathe();
      check(!closed, "a connection that lives is not closed");
    },
  },
  {
    name: "end: nothing is sent after close()",
    async run(bench) {
      const connection = await bench.connect();
      const sent = bench.message();
      await bench.sendAll(connection, [sent]);
      await connection.close();
      await checkSilent(bench, connection);
      checkEqual(bench.timesReceived(sent.id), 1, "the earlier one, once");
    },
  },
  {
    name: "end: nothing is sent after the broker cut the connection",
    async run(bench) {
      const connection = await bench.connect();
      await bench.harness.cut();
      await checkClosed(bench, connection);
      await checkSilent(bench, connection);
    },
  },
  {
    name: "end: a message sent before close() has an outcome",
    async run(bench) {
      const connection = await bench.connect();
      const sent = bench.message();
      const sending = connection.send(sent);
      await connection.close();
      const { kind } = await bench.within(sending, "its outcome");
      const honest = ["delivered", "unknown", "unavailable"];
      check(honest.includes(kind), `nobody refused it, but it is ${kind}`);
      await bench.mark();
      if (kind === "unavailable") {
        checkEqual(bench.timesReceived(sent.id), 0, "nothing was sent");
      }
    },
  },
  {
    name: "end: what was pending is not sent again by a later connection",
    async run(bench) {
      const first = await bench.connect();
      await bench.harness.hang();
      const { messages, outcomes } = await bench.pend(first);
      await bench.harness.cut();
      await outcomes();
      const times = () => messages.map(({ id }) => bench.timesReceived(id));
      const before = times();
      const second = await bench.connect();
      const later = bench.message();
      const kinds = await bench.sendAll(second, [later]);
      checkEqual(kinds, ["delivered"], "the later connection delivers");
      await bench.arrival([later]);
      await bench.mark();
      checkEqual(times(), before, "the relay decides what is sent again");
    },
  },
];

/** The reason that a connection gives for its end. */
async function checkClosed(
  bench: TransportBench,
  { closed }: Connection,
): Promise<SendFailure> {
  const failure = await bench.within(closed, "closed");
  check(failure.code !== "", "an end has a code");
  check(failure.reason.length <= 256, "a reason has at most 256 characters");
  return failure;
}

/** A connection that has ended says so at once, and nothing reaches the broker. */
async function checkSilent(
  bench: TransportBench,
  connection: Connection,
): Promise<void> {
  const messages = [bench.message(), bench.message({ qos: 2 })];
  const sends = messages.map((message) => connection.send(message));
  const outcomes = await bench.within(Promise.all(sends), "a late outcome");
  checkEqual(
    outcomes.map(({ kind }) => kind),
    ["unavailable", "unavailable"],
    "a send after the end is unavailable",
  );
  await bench.mark();
  for (const { id } of messages) {
    checkEqual(bench.timesReceived(id), 0, "nothing reached the broker");
  }
}
