/**
 * What a broker does in one scenario: drawn from a seed for every packet, until
 * it is told to be good.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { IPublishPacket } from "mqtt-packet";
import {
  type Answer,
  type ScriptedBroker,
  startScriptedBroker,
  type Welcome,
} from "../support/scripted_broker.ts";

/** What was done to a message. */
export interface Dealings {
  /** Refusals that cost an attempt. */
  refused: number;
  /** Refusals for good. */
  condemned: number;
  /** Connections that were ended with a reason while it was under way. */
  blamed: number;
}

/** A broker in trouble. */
export interface TroubledBroker {
  readonly broker: ScriptedBroker;
  /** What was done, by kind. */
  readonly done: Readonly<Record<string, number>>;
  /** What was done to each message, by id. */
  readonly dealings: ReadonlyMap<string, Dealings>;
  /** From now on it takes everything. */
  heal(): void;
}

/** Told of everything that the broker did with a message. */
export interface Witness {
  /** It took a message. */
  taken(id: string): void;
  /** It refused a message, for now or for good. */
  refused(id: string): void;
}

const TRANSIENT = [0x80, 0x83];
const PERMANENT = [0x90, 0x99];
const BLAME = [0x81, 0x82, 0x90, 0x95, 0x99, 0x9a, 0x9b];
const FAREWELLS = [0x00, 0x80, 0x83, 0x89, 0x8b, 0x8d, 0x96, 0x97, 0x98, 0xa0];
const REFUSALS = [0x80, 0x83, 0x88, 0x89, 0x97, 0x9f];

/** Starts a broker; `rate` of what it does is trouble. */
export async function startTroubledBroker(
  random: SeededRandom,
  rate: number,
  witness: Witness,
): Promise<TroubledBroker> {
  const done: Record<string, number> = {};
  const dealings = new Map<string, Dealings>();
  let good = false;
  /** The connection that was ended last; nobody reads what still comes over it. */
  let ended = 0;
  const note = (kind: string) => done[kind] = (done[kind] ?? 0) + 1;
  const of = (id: string): Dealings => {
    const known = dealings.get(id) ??
      { refused: 0, condemned: 0, blamed: 0 };
    dealings.set(id, known);
    return known;
  };
  const code = (kind: string, codes: readonly number[]): number => {
    const one = random.pick(codes);
    note(`${kind} 0x${one.toString(16).padStart(2, "0")}`);
    return one;
  };

  const over = (answer: Answer): Answer => {
    ended = broker.connects.length;
    return answer;
  };
  const trouble = (id: string): Answer => {
    switch (random.integer(0, 9)) {
      case 0:
      case 1:
        note("acknowledgement lost");
        witness.taken(id);
        return "hold";
      case 2:
        note("cut before the message was taken");
        return over("cut");
      case 3:
        note("cut after the message was taken");
        witness.taken(id);
        return over("cut");
      case 4:
      case 5:
        of(id).refused += 1;
        witness.refused(id);
        return code("refused", TRANSIENT);
      case 6:
        witness.refused(id);
        return code("put off", [0x87, 0x97]);
      case 7:
        of(id).condemned += 1;
        witness.refused(id);
        return code("condemned", PERMANENT);
      case 8:
        return over(farewell(code("farewell", FAREWELLS)));
      default:
        of(id).blamed += 1;
        return over(farewell(code("blamed", BLAME)));
    }
  };
  const broker = await startScriptedBroker({
    get welcome(): Welcome {
      if (good || !random.chance(rate)) {
        const receiveMaximum = random.pick([1, 2, 5, 20]);
        return { properties: { receiveMaximum } };
      }
      if (random.chance(0.3)) {
        note("hung up at the door");
        return "cut";
      }
      return { code: code("turned away", REFUSALS) };
    },
    answer: (packet) => {
      const id = idOf(packet);
      if (ended === broker.connects.length) return "hold";
      if (!good && random.chance(rate)) return trouble(id);
      witness.taken(id);
      return random.chance(0.1) ? 0x10 : 0;
    },
    complete: () => {
      if (good || !random.chance(rate / 2)) return 0;
      note("second acknowledgement lost");
      return "hold";
    },
  });
  return { broker, done, dealings, heal: () => void (good = true) };
}

/** DISCONNECT with a reason (MQTT 5 §3.14). */
function farewell(code: number): Uint8Array {
  return Uint8Array.of(0xe0, 2, code, 0);
}

function idOf({ properties }: IPublishPacket): string {
  return String(properties?.userProperties?.["id"]);
}
