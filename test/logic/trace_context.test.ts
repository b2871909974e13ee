import { expect, test } from "vitest";
import { checkedHeaders } from "../../src/logic/headers.ts";
import { traceFault } from "../../src/logic/trace_context.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

test.each([
  `00-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-ff`,
  `01-${TRACE}-${PARENT}-01`,
  `cc-${TRACE}-${PARENT}-01-what-the-future-will-be-like`,
])("takes the traceparent %s", (value) => {
  expect(traceFault("traceparent", value)).toBe(null);
});

test.each([
  "",
  "00-4bf9-01",
  `ff-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}`,
  `00-${TRACE}-${PARENT}-01-more`,
  `00-${TRACE}-${PARENT}-01 `,
  `01-${TRACE}-${PARENT}-01more`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${"0".repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `01-${"0".repeat(32)}-${PARENT}-01`,
  `0-${TRACE}-${PARENT}-01`,
])("refuses the traceparent %j", (traceparent) => {
  expect(() => checkedHeaders({ action: "try", sources: [{ traceparent }] }))
    .toThrow(expect.objectContaining({
      code: "INVALID_HEADER",
      field: "header traceparent",
      required: expect.stringContaining("W3C trace context"),
    }));
});

test("takes a tracestate of 512 characters, and no more", () => {
  const state = (length: number) => `a=${"x".repeat(length - 2)}`;
  expect(traceFault("tracestate", state(512))).toBe(null);
  expect(traceFault("tracestate", state(513)))
    .toBe("of at most 512 characters");
});

test("lets other headers be", () => {
  expect(traceFault("site", "00-4bf9-01")).toBe(null);
});
