import { expect, test } from "vitest";
import { guarded } from "./guard.ts";
import { simulate } from "./simulate.ts";

// A broker that errs once, and messages without rights; what was learnt of a
// poison was forgotten at each takeover by a standby, so that connections ended
// at it for ever; a suspect was sent among others; a relay that had stood still
// judged an end before it heard the reason.
test.each([3, 113, 495, 1650, 1985, 64425])(
  "seed %i, in which connections end at messages, keeps every promise",
  async (seed) => {
    const { violations } = await guarded(() => simulate(seed));
    expect(violations).toEqual([]);
  },
  60_000,
);
