/**
 * The codecs, with hostile options and messages whose texts are.
 *
 * @module
 */

import * as core from "@mailboat/outbox";
import type { SeededRandom } from "@mailboat/outbox/testing";
import { loose, mutated } from "./hostile_arguments.ts";
import { hostileText, hostileValue } from "./hostile_values.ts";
import type { Subject } from "./subjects.ts";

/** Each of them, by name. */
export function codecSubjects(): [string, Subject][] {
  return [
    [
      "cloudEventsBinary",
      (random) =>
        loose(core.cloudEventsBinary)(mutated(random, {}, ["source"]))
          .encode(message(random)),
    ],
    ["cloudEventsStructured", async (random) => {
      const options = mutated(random, {}, ["source"]);
      const sent = message(random);
      const { payload } = loose(core.cloudEventsStructured)(options)
        .encode(sent);
      return demandSame(await core.decodeEvent({ payload }), sent);
    }],
    ["compressingCodec", (random) =>
      loose(core.compressingCodec)(
        random.chance(0.8) ? core.rawCodec() : hostileValue(random),
        mutated(random, {}, ["overBytes"]),
      ).encode(message(random))],
    ["rawCodec", (random) => core.rawCodec().encode(message(random))],
  ];
}

/** A message such as a store might return, its texts as bad as they come. */
function message(random: SeededRandom): core.Message {
  const headers = random.chance(0.5) ? {} : { h: hostileText(random) };
  return {
    seq: random.integer(1, 2 ** 31),
    id: "m-1",
    event: "e",
    topic: "t",
    key: random.chance(0.5)
      ? null
      : Buffer.from(hostileText(random)).toString(),
    payload: random.bytes(random.integer(0, 64)),
    contentType: random.pick(["application/json", "text/plain", "x"]),
    headers,
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: random.pick([0, NaN, -1, 8.64e15, 1e300, 1.5]),
    ttlMs: random.pick([null, 0, NaN, -1, 1e300]),
    position: random.pick([null, 1, 2 ** 40]),
  };
}

function demandSame(arrived: core.DecodedEvent, sent: core.Message): void {
  const same = arrived.kind === "event" && arrived.event.id === sent.id &&
    arrived.event.key === sent.key && arrived.event.seq === sent.seq;
  if (!same) throw new Error(`Another event: ${JSON.stringify(arrived)}`);
}
