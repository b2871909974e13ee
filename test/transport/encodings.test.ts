import type { EncodedMessage, Outcome } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { Encodings } from "../../adapters/mqtt/encodings.ts";

const content: EncodedMessage = {
  payload: new Uint8Array(),
  contentType: null,
  userProperties: [],
};
const delivered: Outcome = { kind: "delivered" };

test("what was given up is never launched", async () => {
  const encodings = new Encodings();
  let give: (encoded: EncodedMessage) => void = () => {};
  let launched = 0;
  const outcome = encodings.add({
    encoded: new Promise((resolve) => give = resolve),
    launch: () => {
      launched++;
      return Promise.resolve(delivered);
    },
    refuse: () => delivered,
  });
  expect(encodings.size).toBe(1);
  encodings.abandon();
  expect(encodings.size).toBe(0);
  expect(await outcome).toEqual({ kind: "unavailable" });
  give(content);
  await new Promise((resolve) => setImmediate(resolve));
  expect(launched).toBe(0);
});
