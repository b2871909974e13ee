import type { ConformanceCase } from "@mailboat/outbox/testing";
import { remoteHarness } from "../../conformance/remote_harness.ts";
import { storageCases } from "./storage_cases.ts";

/** A server is slower than a file. */
const RACES = 20;

/**
 * What is the relay's or the server's is the same in every runtime, and takes
 * long; how long, where a call is cut into its turns, is up to the network.
 */
const elsewhere = /^relay:|: killed at any time|: whoever reads meanwhile/;

/** libSQL on a server, over HTTP; each case starts one beside it. */
export const cases: readonly ConformanceCase[] = storageCases(
  remoteHarness("http"),
  RACES,
).filter(({ name }) => !elsewhere.test(name));
