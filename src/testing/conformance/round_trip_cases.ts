/**
 * Round trip: what is read is what was enqueued, to the byte.
 *
 * @module
 */

import type { NewMessage } from "../../../mod.ts";
import { checkEqual } from "./checks.ts";
import { readAll, type StorageCase } from "./storage_bench.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const allBytes = (): Uint8Array =>
  Uint8Array.from({ length: 1_024 }, (_, at) => at % 256);

/** Fields that something on the way may take for something else. */
const nasty: Readonly<Record<string, () => Partial<NewMessage>>> = {
  "an ordinary message": () => ({}),
  "an empty payload": () => ({ payload: new Uint8Array() }),
  "every byte": () => ({ payload: allBytes() }),
  "bytes that begin with zero": () => ({ payload: Uint8Array.of(0, 0, 1, 0) }),
  "bytes that are no UTF-8": () => ({
    payload: Uint8Array.of(0xff, 0xc0, 0x80, 0xed),
  }),
  "a payload that is part of a larger buffer": () => ({
    payload: allBytes().subarray(10, 20),
  }),
  "a megabyte": () => ({ payload: new Uint8Array(2 ** 20).fill(0xa5) }),
  "quotes, line ends and question marks": () => ({
    event: `it's "quoted"`,
    topic: "a'b\"c`d\\e\r\n?$1:a%s",
    key: `'; DROP TABLE "message"; --`,
    headers: { "x-'\"\\": `v'"\\\n?` },
  }),
  "emoji and other planes": () => ({
    event: "⛵",
    topic: "порт/港/⚓️",
    key: "👩‍👩‍👧‍👦",
    headers: { "⛵": "𝕊𝕒𝕚𝕝" },
    payload: bytes('{"⛵":"港"}'),
  }),
  "text that is not normalised": () => ({ key: "e\u0301", topic: "\u00e9" }),
  "very long texts": () => ({
    key: "k".repeat(1_024),
    topic: "t".repeat(65_535),
    headers: { h: "v".repeat(60_000) },
  }),
  "no key": () => ({ key: null }),
  "an empty key": () => ({ key: "" }),
  "texts that look like numbers": () => ({ key: "007", id: "1e3" }),
  "texts that look like nothing": () => ({ key: "null", topic: "undefined" }),
  "another media type": () => ({ contentType: "application/octet-stream" }),
  "headers with names of properties": () => ({
    headers: JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}'),
  }),
  "a response topic and correlation data": () => ({
    responseTopic: "answers/⚓️/'\"",
    correlationData: allBytes(),
  }),
  "empty correlation data": () => ({ correlationData: new Uint8Array() }),
  "the longest correlation data": () => ({
    correlationData: new Uint8Array(65_535).fill(0xff),
  }),
  "correlation data that is part of a larger buffer": () => ({
    correlationData: allBytes().subarray(10, 21),
  }),
  "quality of service 2, retained, skipping": () => ({
    qos: 2,
    retain: true,
    onDead: "skip",
  }),
  "holding": () => ({ onDead: "hold" }),
  "a chosen id": () => ({ id: "order-1", chosenId: true }),
  "a time before 1970": () => ({ enqueuedAtMs: -1 }),
  "the shortest time to live": () => ({ ttlMs: 1 }),
  "the longest time to live": () => ({ ttlMs: 315_360_000_000 }),
  "the last time there is": () => ({ enqueuedAtMs: 8_640_000_000_000_000 }),
};

/** Each kind of message, and all of them in one call. */
export const roundTripCases: readonly StorageCase[] = [
  ...Object.entries(nasty).map(([what, given]): StorageCase => ({
    name: `round trip: ${what}`,
    run: (bench) => {
      const { id = "only", ...fields } = given();
      return roundTrip(bench, [bench.message({ id, ...fields })]);
    },
  })),
  {
    name: "round trip: all of them in one call",
    run: (bench) =>
      roundTrip(
        bench,
        Object.values(nasty).map((given, at) =>
          bench.message({ ...given(), id: `nasty-${at}` })
        ),
      ),
  },
  {
    name:
      "round trip: what was enqueued does not change with the caller's bytes",
    async run(bench) {
      const whole = Uint8Array.of(1, 2, 3);
      const [payload, correlationData] = [whole.slice(), whole.slice()];
      await bench.commit(bench.message({ payload, correlationData }));
      payload.fill(9);
      correlationData.fill(9);
      const store = await bench.open();
      const [message] = await readAll(store);
      checkEqual(message?.payload, whole, "the payload");
      checkEqual(message?.correlationData, whole, "the correlation data");
      message?.payload.fill(8);
      message?.correlationData?.fill(8);
      const [again] = await readAll(store);
      checkEqual(again?.payload, whole, "the payload, again");
      checkEqual(again?.correlationData, whole, "the correlation, again");
    },
  },
];

async function roundTrip(
  bench: Parameters<StorageCase["run"]>[0],
  sent: readonly NewMessage[],
): Promise<void> {
  checkEqual(await bench.commit(...sent), sent.map(() => true), "all stored");
  const found = await readAll(await bench.open());
  checkEqual(
    found.map(({ seq: _, position: _position, ...fields }) => fields),
    sent.map(({ chosenId: _, counted: _counted, ...fields }) => fields),
    "every field comes back as it was",
  );
}
