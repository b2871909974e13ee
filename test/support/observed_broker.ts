/**
 * A Mosquitto, and everything that it delivers.
 *
 * @module
 */

import { onTestFinished, type TestContext } from "vitest";
import { startMosquitto, withoutMosquitto } from "./mosquitto.ts";
import { subscribe, type Subscriber } from "./subscriber.ts";

/** A broker with a consumer of everything. */
export interface ObservedBroker extends Subscriber {
  readonly url: string;
}

/** Starts both for the time of the test, which is skipped where there is no Mosquitto. */
export async function startObservedBroker(
  { skip }: TestContext,
): Promise<ObservedBroker> {
  skip(withoutMosquitto, "mosquitto is not installed");
  // It neither lowers the window nor drops what the consumer has yet to fetch.
  const broker = await startMosquitto({
    config: ["max_inflight_messages 0", "max_queued_messages 0"],
  });
  onTestFinished(() => broker.stop());
  return { ...await subscribe(broker.url), url: broker.url };
}
