/**
 * The functions that never throw: they answer, whatever they are given.
 *
 * @module
 */

import * as core from "@mailboat/outbox";
import type { SeededRandom } from "@mailboat/outbox/testing";
import { loose, mutated } from "./hostile_arguments.ts";
import { hostileText, hostileValue } from "./hostile_values.ts";
import type { Subject } from "./subjects.ts";

const PROPERTIES = ["contentType", "userProperties"];

/** Each of them, by name. */
export function totalSubjects(): [string, Subject][] {
  return [
    ["shorten", (random) => demandText(core.shorten(hostileValue(random)))],
    ["reasonOf", (random) => demandText(core.reasonOf(hostileValue(random)))],
    ["fromBinary", (random) => {
      const properties = mutated(random, { userProperties: {} }, PROPERTIES);
      const payload = random.chance(0.5)
        ? new Uint8Array(1)
        : hostileValue(random);
      return decoded(
        loose(core.fromBinary)(
          random.chance(0.1) ? hostileValue(random) : { payload, properties },
        ),
      );
    }],
    ["fromStructured", (random) =>
      decoded(
        loose(core.fromStructured)(
          random.chance(0.3) ? hostileValue(random) : hostileJson(random),
        ),
      )],
    ["toBinary", (random) => core.toBinary(message(random), "/s").payload],
    ["toStructured", (random) => {
      const sent = message(random);
      return demandSame(
        core.fromStructured(core.toStructured(sent, "/s")),
        sent,
      );
    }],
  ];
}

function hostileJson(random: SeededRandom): Uint8Array {
  const envelope = {
    specversion: "1.0",
    id: hostileText(random),
    source: "/s",
    type: "e",
    [random.pick(["id", "data", "data_base64", "sequence", "x", "time"])]:
      random.pick([null, 1, true, "x", "====", [], {}, hostileText(random)]),
  };
  const bytes = new TextEncoder().encode(
    random.chance(0.05) ? deepEnvelope() : JSON.stringify(envelope),
  );
  if (random.chance(0.3)) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return bytes;
}

/** Nested deeper than a recursion goes. */
function deepEnvelope(): string {
  const depth = 20_000;
  return `{"specversion":"1.0","id":"x","source":"/s","type":"e","data":${
    "[".repeat(depth)
  }${"]".repeat(depth)}}`;
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
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: random.pick([0, NaN, -1, 8.64e15, 1e300, 1.5]),
  };
}

function demandText(text: string): void {
  if (typeof text === "string" && text.length <= 300) return;
  throw new Error("It gave no short text");
}

function decoded(event: core.DecodedEvent): void {
  if (event.kind === "malformed") return demandText(event.reason);
  const { headers } = event.event;
  if (Object.getPrototypeOf(headers) === null) return;
  throw new Error("The headers have a prototype");
}

function demandSame(arrived: core.DecodedEvent, sent: core.Message): void {
  const same = arrived.kind === "event" && arrived.event.id === sent.id &&
    arrived.event.key === sent.key && arrived.event.seq === sent.seq;
  if (!same) throw new Error(`Another event: ${JSON.stringify(arrived)}`);
}
