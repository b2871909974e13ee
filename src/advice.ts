/**
 * Advice: what a failure of the connection asks for.
 *
 * @module
 */

/**
 * What a failure says about the connection, and so about when to try again.
 *
 * - `at-once`: it ended for a reason that is over already; no wait is needed.
 * - `soon`: the usual, growing wait.
 * - `slow`: authorisation, quota, a ban: it may last; tries minutes apart.
 * - `limit`: too much at a time; the window is cut and grows back.
 * - `suspect`: probably caused by a message that was on its way.
 * - `silent`: it ended without a word while messages were unanswered; far
 *   weaker evidence than `suspect`, as a bad network looks the same.
 * - `config`: only people can mend it; tries minutes apart go on.
 */
export type Advice =
  | "at-once"
  | "soon"
  | "slow"
  | "limit"
  | "suspect"
  | "silent"
  | "config";
