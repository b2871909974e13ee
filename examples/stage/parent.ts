/**
 * How a child process talks to the process that started it.
 *
 * @module
 */

import process from "node:process";
import * as v from "valibot";

/** The process that started this one. */
export interface Parent<Order, Report> {
  /** Says something. */
  report(report: Report): void;
  /** Sets what is done about an order. */
  onOrder(handle: (order: Order) => void): void;
}

/**
 * Resolves with this process's configuration, and the line to the parent.
 *
 * The parent alone decides when this process ends: it ignores the Ctrl-C that a
 * terminal sends to all, and ends when the parent is gone.
 */
export async function joinParent<Config, Order, Report>(schemas: {
  readonly config: v.GenericSchema<Config>;
  readonly order: v.GenericSchema<Order>;
}): Promise<
  { readonly config: Config; readonly parent: Parent<Order, Report> }
> {
  if (process.send === undefined) {
    throw new Error("Cannot run this file by itself: start main.ts");
  }
  process.on("SIGINT", () => {});
  process.on("disconnect", () => process.exit(1));
  const first = await new Promise<unknown>((resolve) => {
    process.once("message", resolve);
  });
  return {
    config: v.parse(schemas.config, first),
    parent: {
      report: (report) => void process.send?.(report),
      onOrder(handle) {
        process.on("message", (order) => handle(v.parse(schemas.order, order)));
      },
    },
  };
}
