/**
 * Telling: what a transport says of ends, refusals and warnings is fit for
 * people, and for a relay that acts on it (G5, G6, G7).
 *
 * @module
 */

import { type Advice, type SendFailure, systemClock } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import {
  never,
  type TransportBench,
  type TransportCase,
} from "./transport_bench.ts";

/** Every advice there is. */
const ADVICE: Readonly<Record<Advice, true>> = {
  "at-once": true,
  "soon": true,
  "slow": true,
  "limit": true,
  "suspect": true,
  "silent": true,
  "config": true,
};
const MAX_CODE = 64;
const MAX_REASON = 256;

/** What is said, and how. */
export const tellingCases: readonly TransportCase[] = [
  {
    name: "tell: the end of a connection says what to do, in few words",
    async run(bench) {
      const cut = await bench.connect();
      await bench.harness.cut();
      checkWords(await bench.within(cut.closed, "closed"), "a cut");
      const closed = await bench.connect();
      await closed.close();
      checkWords(await bench.within(closed.closed, "closed"), "a close");
    },
  },
  {
    name:
      "tell: where nothing was under way, no message is to blame for an end",
    async run(bench) {
      const connection = await bench.connect();
      const kinds = await bench.sendAll(connection, [bench.message()]);
      checkEqual(kinds, ["delivered"], "the broker answered for all of them");
      await connection.close();
      const idle = await bench.connect();
      await bench.harness.cut();
      for (const one of [connection, idle]) {
        const { advice } = await bench.within(one.closed, "closed");
        check(
          advice !== "suspect" && advice !== "silent",
          `the relay is told to look for a message: ${advice}`,
        );
      }
    },
  },
  {
    name: "tell: what was acknowledged before an end stays delivered",
    async run(bench) {
      const connection = await bench.connect();
      const before = bench.message();
      const early = await bench.sendAll(connection, [before]);
      await bench.arrival([before]);
      await bench.harness.hang();
      const { messages, outcomes } = await bench.pend(connection);
      await bench.harness.cut();
      checkEqual(
        [...early, ...await outcomes()],
        ["delivered", ...messages.map(() => "unknown")],
        "nobody knows of those that were pending, and of no other",
      );
      checkEqual(bench.timesReceived(before.id), 1, "it is sent once");
    },
  },
  {
    name: "tell: why a connection ended is known with what it leaves unknown",
    async run(bench) {
      const connection = await bench.connect();
      let isKnown = false;
      void connection.closed.then(() => isKnown = true);
      await bench.harness.hang();
      const { outcomes } = await bench.pend(connection);
      await bench.harness.cut();
      await outcomes();
      await systemClock().turn();
      check(isKnown, "the relay can tell what the end says of the messages");
    },
  },
  {
    name: "tell: a broker that says no is told with an advice that there is",
    async run(bench) {
      await bench.harness.refuse();
      checkAdvice(await adviceOf(bench), "a refusal");
      await bench.harness.stop();
      checkAdvice(await adviceOf(bench), "an outage");
    },
  },
  {
    name: "tell: a refused message has a code, and a reason in few words",
    async run(bench) {
      const connection = await bench.connect();
      const topic = bench.harness.refusedTopic;
      const outcome = await bench.within(
        connection.send(bench.message({ topic })),
        "the answer to a message that is refused",
      );
      check(
        "failure" in outcome,
        `a refusal says why, ${outcome.kind} does not`,
      );
      checkWords(outcome.failure, "a refusal");
    },
  },
  {
    name: "tell: a warning has a code, and a reason in few words",
    async run(bench) {
      const { warnings = [] } = await bench.connect();
      for (const warning of warnings) checkWords(warning, "a warning");
      const codes = warnings.map(({ code }) => code);
      checkEqual(codes, [...new Set(codes)], "each is given once");
    },
  },
];

/** What a failure to connect says about when to try again. */
async function adviceOf(bench: TransportBench): Promise<unknown> {
  const connecting = bench.harness.transport
    .connect({ identity: "outbox", signal: never() });
  const advice = connecting.then(
    () => "nothing, as it succeeds",
    (error) => (error as { readonly advice?: unknown } | null)?.advice,
  );
  return await bench.within(advice, "a failure to connect");
}

function checkAdvice(advice: unknown, what: string): void {
  check(
    typeof advice === "string" && Object.hasOwn(ADVICE, advice),
    `${what} has an advice that there is, which ${String(advice)} is not`,
  );
}

/** Short, and on one line. */
function checkWords(failure: SendFailure, what: string): void {
  const { code, reason, advice, onceProven } = failure;
  check(isLine(code, MAX_CODE) && code !== "", `${what} has a short code`);
  check(
    isLine(reason, MAX_REASON),
    `${what} has a reason of one line, of at most ${MAX_REASON} characters`,
  );
  if (advice !== undefined) checkAdvice(advice, what);
  check(
    onceProven === undefined || onceProven === "bury" || onceProven === "defer",
    `${what} says what becomes of its cause, or nothing`,
  );
}

function isLine(text: unknown, max: number): boolean {
  return typeof text === "string" && text.length <= max &&
    !/\p{Cc}|[\u2028\u2029]/u.test(text);
}
