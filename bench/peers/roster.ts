/**
 * Who takes part, and what each needs installed.
 *
 * @module
 */

import { liteque } from "./liteque.ts";
import { mailboat } from "../outbox_peer.ts";
import type { OpenPeer } from "./peer.ts";
import { plainjob } from "./plainjob.ts";
import { sidequest } from "./sidequest.ts";

/** One way of running a queue. */
export interface Entrant {
  /** With what makes it fast or safe. */
  readonly name: string;
  /** Packages of the manifest; none for ourselves. */
  readonly packages: readonly string[];
  /** How many events it gets: what is slow gets few. */
  readonly events: number;
  readonly open: OpenPeer;
}

const PLAINJOB = ["better-sqlite3", "plainjob"];

/** Ourselves, at the level that all others choose for themselves. */
export const OURS = "mailboat, NORMAL";

/** Everybody, ourselves first. */
export const ENTRANTS: readonly Entrant[] = [
  { name: OURS, packages: [], events: 5_000, open: mailboat("NORMAL") },
  {
    name: "mailboat, FULL",
    packages: [],
    events: 5_000,
    open: mailboat("FULL"),
  },
  {
    name: "plainjob, 1 worker, in order",
    packages: PLAINJOB,
    events: 5_000,
    open: plainjob(1),
  },
  {
    name: "plainjob, 50 workers, no order",
    packages: PLAINJOB,
    events: 5_000,
    open: plainjob(50),
  },
  {
    name: "liteque, 50 at a time, no order",
    packages: ["better-sqlite3", "liteque"],
    events: 1_000,
    open: liteque(50),
  },
  {
    name: "sidequest, 10 at a time, no order",
    packages: ["sidequest", "@sidequest/sqlite-backend"],
    events: 100,
    open: sidequest(10),
  },
];
