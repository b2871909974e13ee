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
    ["decodeEvent", async (random) => {
      const message = random.chance(0.1)
        ? hostileValue(random)
        : received(random);
      return decoded(await loose(core.decodeEvent)(message));
    }],
  ];
}

/** A PUBLISH in one of the modes, with something wrong with it. */
function received(random: SeededRandom): object {
  if (random.chance(0.4)) return { payload: hostileJson(random) };
  const contentencoding = random.pick(["gzip", "br", ""]);
  const userProperties = {
    specversion: "1.0",
    id: "x",
    source: "/s",
    type: "e",
    ...(random.chance(0.3) ? { contentencoding } : {}),
  };
  const payload = random.chance(0.5) ? random.bytes(9) : hostileValue(random);
  const properties = { contentType: "text/plain", userProperties };
  return { payload, properties: mutated(random, properties, PROPERTIES) };
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
