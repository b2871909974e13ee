/**
 * The page about MQTT says what the tables in the code say.
 */

import { brokerLimits } from "@mailboat/outbox/mqtt";
import { expect, test } from "vitest";
import {
  hexOf,
  type ReasonPacket,
  REASONS,
} from "../../adapters/mqtt/reason_codes.ts";
import { read } from "../support/source_tree.ts";

const page = read("docs/mqtt.md");

/** The cells of every row of the page's tables. */
const rows = page.split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

const COLUMNS: readonly (readonly ReasonPacket[])[] = [
  ["connack"],
  ["puback", "pubrec"],
  ["pubcomp"],
  ["suback"],
  ["disconnect"],
];

test("the table of reason codes has every code of every packet, and no other", () => {
  const codes = COLUMNS.flat().flatMap((packet) =>
    Object.keys(REASONS[packet]).map(Number)
  );
  const expected = [...new Set(codes)].sort((a, b) => a - b).map((code) => {
    const reasons = COLUMNS.map(([packet]) => REASONS[packet!][code]);
    return [
      `\`${hexOf(code)}\``,
      // Where packets differ in capitals, the first one's.
      reasons.find((reason) => reason !== undefined)!.name,
      ...reasons.map((reason) => reason?.class ?? ""),
    ];
  });
  expect(rows.filter(([first]) => /^`0x..`$/.test(first ?? "")))
    .toEqual(expected);
});

test("a column that stands for two packets is true of both", () => {
  expect(
    Object.entries(REASONS.puback).map(([code, { class: kind }]) => [
      code,
      kind,
    ]),
  ).toEqual(
    Object.entries(REASONS.pubrec).map(([code, { class: kind }]) => [
      code,
      kind,
    ]),
  );
});

test("the table of profiles has every profile and its limits", () => {
  const number = (value: number | undefined) => value?.toLocaleString("en-US");
  const expected = Object.entries(brokerLimits).map(([profile, limits]) => [
    `\`${profile}\``,
    number(limits.maxTopicBytes) ?? "",
    number(limits.maxTopicLevels) ?? "",
    number(limits.maxPayloadBytes) ?? "",
    number(limits.maxPacketBytes) ?? "",
    `${limits.maxQos ?? ""}`,
  ]);
  const names = Object.keys(brokerLimits).map((name) => `\`${name}\``);
  expect(rows.filter(([first]) => names.includes(first ?? "")))
    .toEqual(expected);
});
