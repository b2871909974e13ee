/**
 * Connecting: at once, or with a reason why not (G6).
 *
 * @module
 */

import { check, checkEqual, checkRefused } from "./checks.ts";
import {
  never,
  type TransportBench,
  type TransportCase,
} from "./transport_bench.ts";

/** How a connection begins. */
export const connectingCases: readonly TransportCase[] = [
  {
    name: "connect: a connection can send at once, one message at least",
    async run(bench) {
      const connection = await bench.connect();
      check(connection.window >= 1, "the window is at least 1");
      check(
        Number.isInteger(connection.window),
        "the window is a whole number",
      );
      const kinds = await bench.sendAll(connection, [bench.message()]);
      checkEqual(kinds, ["delivered"], "the first message is delivered");
    },
  },
  {
    name: "connect: where nobody listens the broker is unavailable",
    async run(bench) {
      await bench.harness.stop();
      await checkRefused(
        () => connecting(bench),
        ["TRANSPORT_UNAVAILABLE"],
        "connecting where nobody listens",
      );
    },
  },
  {
    name: "connect: a broker that says no has refused",
    async run(bench) {
      await bench.harness.refuse();
      await checkRefused(
        () => connecting(bench),
        ["TRANSPORT_REFUSED"],
        "connecting to a broker that says no",
      );
    },
  },
  {
    name: "connect: it is given up when aborted",
    async run(bench) {
      await bench.harness.hang();
      const attempt = new AbortController();
      const connected = connecting(bench, attempt.signal);
      const ended = connected.then(() => true, () => true);
      await bench.breathe();
      attempt.abort();
      await bench.within(ended, "the end of an attempt that was given up");
      await checkRefused(
        () => connected,
        ["TRANSPORT_UNAVAILABLE"],
        "connecting to a broker that does not answer",
      );
    },
  },
  {
    name: "connect: it does not begin when aborted before",
    async run(bench) {
      await checkRefused(
        () => connecting(bench, AbortSignal.abort()),
        ["TRANSPORT_UNAVAILABLE"],
        "connecting with a signal that is aborted",
      );
    },
  },
  {
    name: "connect: a signal that aborts later ends no connection",
    async run(bench) {
      const attempt = new AbortController();
      const connection = await connecting(bench, attempt.signal);
      attempt.abort();
      await bench.breathe();
      const kinds = await bench.sendAll(connection, [bench.message()]);
      checkEqual(kinds, ["delivered"], "the connection goes on");
      await connection.close();
    },
  },
  {
    name: "connect: connections of two identities live side by side",
    async run(bench) {
      const [one, other] = [await bench.connect("a"), await bench.connect("b")];
      const messages = [bench.message(), bench.message()];
      const [first, second] = messages;
      const kinds = [
        ...await bench.sendAll(one, [first!]),
        ...await bench.sendAll(other, [second!]),
      ];
      checkEqual(kinds, ["delivered", "delivered"], "both deliver");
      await one.close();
      const last = bench.message();
      const after = await bench.sendAll(other, [last]);
      checkEqual(after, ["delivered"], "one outlives the other");
      await bench.arrival([...messages, last]);
      for (const { id } of [...messages, last]) {
        checkEqual(bench.timesReceived(id), 1, "each is sent once");
      }
    },
  },
  {
    name:
      "connect: a second one with an identity ends the first, if the broker does",
    async run(bench) {
      if (!bench.harness.replaces) return;
      const first = await bench.connect("same");
      const second = await bench.connect("same");
      const { code } = await bench.within(first.closed, "the end of the first");
      check(code !== "", "the first one says why");
      const late = await first.send(bench.message());
      checkEqual(late.kind, "unavailable", "the first one sends no more");
      const kinds = await bench.sendAll(second, [bench.message()]);
      checkEqual(kinds, ["delivered"], "the second one sends");
    },
  },
];

function connecting(
  { harness }: TransportBench,
  signal: AbortSignal = never(),
): ReturnType<TransportBench["connect"]> {
  return harness.transport.connect({ identity: "outbox", signal });
}
