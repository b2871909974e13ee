/**
 * What is in a letter: whatever came off the wire, exactly.
 *
 * @module
 */

import type { NewLetter } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { type LetterCase, letterOf, unnumbered } from "./letter_bench.ts";

/** Texts that a database might cut, refuse or change. */
const HOSTILE: readonly string[] = [
  "",
  "a\u0000b",
  "\ud800",
  "\udfff",
  "a\udc00\ud800b",
  "'; DROP TABLE business; --",
  '"\\',
  "\u007f\u0085\u2028",
  "\ufeff",
  "\uffff",
  "\u00e9",
  "e\u0301",
  "\u{1f4ec}",
  "__proto__",
  "x".repeat(65_535),
];

/** Payloads that a database might take for something else. */
const BYTES: readonly Uint8Array[] = [
  new Uint8Array(0),
  Uint8Array.of(0),
  Uint8Array.from({ length: 256 }, (_, at) => at),
  Uint8Array.of(0xff, 0xfe, 0xc0, 0x80),
  new Uint8Array(1_000_000).fill(0xa5),
];

/** Everything comes back as it was put. */
export const letterTextCases: readonly LetterCase[] = [
  {
    name: "letters: payloads come back byte for byte",
    async run(bench) {
      const letters = BYTES.map((payload) => letterOf(0, { payload }));
      await bench.put(...letters);
      await bench.restart();
      checkEqual(unnumbered(await bench.list()), letters, "what was put");
    },
  },
  {
    name: "letters: hostile text comes back as it was",
    async run(bench) {
      const letters = HOSTILE.flatMap((text): NewLetter[] => [
        letterOf(0, { topic: text }),
        letterOf(0, { id: text, source: text, event: text }),
        letterOf(0, { reason: text }),
        letterOf(0, {
          properties: {
            contentType: text,
            responseTopic: text,
            userProperties: Object.fromEntries([[text, text]]),
          },
        }),
      ]);
      await bench.put(...letters);
      await bench.restart();
      checkEqual(unnumbered(await bench.list()), letters, "what was put");
    },
  },
  {
    name: "letters: properties come back, repeated names and bytes as well",
    async run(bench) {
      const letters = [
        letterOf(1),
        letterOf(2, { properties: {} }),
        letterOf(3, { properties: { userProperties: {} } }),
        letterOf(4, {
          properties: { userProperties: { a: ["1", "2", "1"], b: "3" } },
        }),
        ...BYTES.slice(0, 4).map((correlationData) =>
          letterOf(5, { properties: { correlationData } })
        ),
      ];
      await bench.put(...letters);
      await bench.restart();
      checkEqual(unnumbered(await bench.list()), letters, "what was put");
    },
  },
  {
    name: "letters: what is no event has neither id nor source",
    async run(bench) {
      const letter = letterOf(1, { id: null, source: null, event: null });
      await bench.put(letter);
      checkEqual(unnumbered(await bench.list()), [letter], "what was put");
    },
  },
  {
    name: "letters: who changes what was put or listed changes nothing there",
    async run(bench) {
      const payload = Uint8Array.of(1);
      await bench.put(letterOf(1, { payload }));
      payload[0] = 2;
      const [listed] = await bench.list();
      check(listed !== undefined, "the letter is listed");
      listed.payload[0] = 3;
      checkEqual(
        unnumbered(await bench.list()),
        [letterOf(1)],
        "what is there",
      );
    },
  },
];
