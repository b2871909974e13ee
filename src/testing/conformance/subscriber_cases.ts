/**
 * Subscribing: everything is delivered until it is acknowledged, and in order.
 *
 * @module
 */

import { check, checkEqual, checkRefused } from "./checks.ts";
import {
  numbered,
  numbersOf,
  type SubscriberCase,
} from "./subscriber_bench.ts";

/** What every subscriber does. */
export const subscriberCases: readonly SubscriberCase[] = [
  {
    name:
      "subscribe: what is published is delivered, byte for byte and in order",
    async run(bench) {
      const line = await bench.subscribe();
      check(line.subscription.window >= 1, "the window is at least 1");
      await bench.harness.publish(numbered(1, 2, 3));
      checkEqual(await bench.numbers(line, 3), [1, 2, 3], "the order");
      check(line.deliveries[0]?.topic !== "", "the topic is told");
    },
  },
  {
    name:
      "subscribe: what was published meanwhile is delivered at the next connection",
    async run(bench) {
      const first = await bench.subscribe();
      await first.subscription.close();
      await bench.harness.publish(numbered(1, 2));
      const second = await bench.subscribe();
      checkEqual(await bench.numbers(second, 2), [1, 2], "what was kept");
    },
  },
  {
    name: "subscribe: where nobody listens the broker is unavailable",
    async run(bench) {
      await bench.harness.stop();
      await checkRefused(
        () => bench.subscribe(),
        ["TRANSPORT_UNAVAILABLE"],
        "subscribing where nobody listens",
      );
    },
  },
  {
    name: "subscribe: an attempt that was given up beforehand fails",
    async run(bench) {
      const attempt = new AbortController();
      attempt.abort();
      await checkRefused(
        () => bench.subscribe(attempt.signal),
        ["TRANSPORT_UNAVAILABLE"],
        "an attempt that was given up",
      );
    },
  },
  {
    name: "subscribe: whatever bytes were published are delivered",
    async run(bench) {
      const payloads = [
        Uint8Array.from({ length: 256 }, (_, at) => at),
        Uint8Array.of(0xff, 0xfe, 0xc0, 0x80),
        Uint8Array.of(0),
        new Uint8Array(100_000).fill(0xa5),
      ];
      const line = await bench.subscribe();
      await bench.harness.publish(payloads);
      await bench.numbers(line, payloads.length);
      const found = line.deliveries.map(({ payload }) => payload);
      checkEqual(found, payloads, "byte for byte");
    },
  },
  {
    name: "subscribe: a signal that aborts later ends no connection",
    async run(bench) {
      const attempt = new AbortController();
      const line = await bench.subscribe(attempt.signal);
      attempt.abort();
      await bench.harness.publish(numbered(1));
      checkEqual(await bench.numbers(line, 1), [1], "it goes on");
    },
  },
  {
    name: "acknowledge: what is acknowledged is not delivered again",
    async run(bench) {
      const first = await bench.subscribe();
      await bench.harness.publish(numbered(1, 2, 3));
      await bench.numbers(first, 3);
      first.deliveries[0]?.acknowledge();
      first.deliveries[1]?.acknowledge();
      await bench.breathe();
      await first.subscription.close();
      const second = await bench.subscribe();
      checkEqual(await bench.numbers(second, 1), [3], "what is left");
      await bench.breathe();
      checkEqual(numbersOf(second), [3], "nothing comes after it");
    },
  },
  {
    name:
      "acknowledge: what is not acknowledged comes again, whatever came after it",
    async run(bench) {
      const first = await bench.subscribe();
      await bench.harness.publish(numbered(1, 2, 3));
      await bench.numbers(first, 3);
      first.deliveries[2]?.acknowledge();
      await bench.breathe();
      await first.subscription.close();
      const second = await bench.subscribe();
      checkEqual(
        await bench.numbers(second, 2).then((all) => all.slice(0, 2)),
        [1, 2],
        "what was left out",
      );
    },
  },
  {
    name: "acknowledge: any order will do, and twice is once",
    async run(bench) {
      const first = await bench.subscribe();
      await bench.harness.publish(numbered(1, 2, 3));
      await bench.numbers(first, 3);
      for (const at of [2, 0, 2, 1]) first.deliveries[at]?.acknowledge();
      await bench.breathe();
      await first.subscription.close();
      await bench.harness.publish(numbered(4));
      const second = await bench.subscribe();
      checkEqual(await bench.numbers(second, 1), [4], "all were acknowledged");
    },
  },
  {
    name: "acknowledge: after the end of its connection it does nothing",
    async run(bench) {
      const first = await bench.subscribe();
      await bench.harness.publish(numbered(1));
      await bench.numbers(first, 1);
      await first.subscription.close();
      first.deliveries[0]?.acknowledge();
      const second = await bench.subscribe();
      checkEqual(await bench.numbers(second, 1), [1], "it is delivered again");
      first.deliveries[0]?.acknowledge();
      await bench.breathe();
      await second.subscription.close();
      const third = await bench.subscribe();
      checkEqual(await bench.numbers(third, 1), [1], "and once more");
    },
  },
  {
    name: "end: a connection that was cut says so, and everything comes again",
    async run(bench) {
      const first = await bench.subscribe();
      await bench.harness.publish(numbered(1, 2));
      await bench.numbers(first, 2);
      await bench.harness.cut();
      const failure = await bench.within(first.subscription.closed, "the end");
      check(failure.code !== "", "the end has a code");
      const second = await bench.subscribe();
      checkEqual(await bench.numbers(second, 2), [1, 2], "in the same order");
    },
  },
  {
    name: "end: closing is idempotent, and nothing is delivered after it",
    async run(bench) {
      const line = await bench.subscribe();
      await line.subscription.close();
      await line.subscription.close();
      await bench.within(line.subscription.closed, "the end");
      await bench.harness.publish(numbered(1));
      await bench.breathe();
      checkEqual(numbersOf(line), [], "nothing was delivered");
    },
  },
];
