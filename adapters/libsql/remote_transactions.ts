/**
 * Transactions on a libSQL server, as a consumer runs them. A commit whose
 * answer is lost is looked up, never guessed.
 *
 * @module
 */

import {
  checkedNumber,
  type Clock,
  createTurns,
  type Random,
  readOptions,
  reasonOf,
  StorageError,
  systemClock,
  systemRandom,
  type Transactions,
  type TurnOptions,
} from "../../mod.ts";
import type { SqlStatement } from "../sqlite/driver.ts";
import { isBusy, storageError } from "../sqlite/errors.ts";
import { type Answered, answering, type AnswerOptions } from "./answer.ts";
import {
  inquiryStatements,
  isCommitted,
  type Ledger,
  ledgerOf,
  signingStatements,
} from "./commit_ledger.ts";
import { CommitUnknownError } from "./commit_unknown.ts";
import { hexOf } from "./hex.ts";
import type { LibsqlResult } from "./result.ts";
import { requireServer } from "./server.ts";

/** What is asked of a client. */
export interface RemoteTransactingClient<Tx> {
  /** `http` or `ws`. */
  readonly protocol: string;
  /** Begins a transaction, with its first statement. */
  transaction(mode: "write"): Promise<Tx>;
  /** Runs statements in one transaction. */
  batch(statements: SqlStatement[], mode: "write"): Promise<LibsqlResult[]>;
}

/** What is asked of its transactions. */
export interface RemoteTransaction {
  /** Runs statements, none after one that failed. */
  batch(statements: SqlStatement[]): Promise<LibsqlResult[]>;
  /** Makes the changes visible. */
  commit(): Promise<void>;
  /** Ends the transaction; without a commit nothing of it remains. */
  close(): void;
}

/** Options of {@link libsqlRemoteTransactions}. */
export interface LibsqlRemoteTransactionsOptions
  extends TurnOptions, AnswerOptions {
  /**
   * What begins the names of the storage's tables.
   *
   * @default {"mailboat_"}
   */
  readonly prefix?: string;
  /**
   * For how long the outcome of a commit is asked for when its answer is lost,
   * in ms; then it is told as unknown.
   *
   * @default {30_000}
   */
  readonly inquiryTimeoutMs?: number;
}

/**
 * Runs work in write transactions of a server's client, one at a time, for
 * `createConsumer` and for whatever else the process writes. Each leaves an id
 * in the table `mailboat_commit`, which the storage's `migrate()` makes.
 *
 * When the answer to a commit is lost, the id is looked for in a later write
 * transaction: `transaction` resolves if it is there. If it is not, it is
 * declared rolled back there and then, so that no commit comes late, and
 * `transaction` fails with `STORAGE_FAILED`, saying so. If nobody can be asked
 * in time it fails with a {@link CommitUnknownError}.
 *
 * `work` must not end the transaction. A server takes the lock from one that
 * lasts longer than about 5 s when another writer waits: then nothing of it is
 * stored, and it fails.
 *
 * @throws {InputError} `INVALID_OPTION` for a client of a local file, or an
 * option that is out of range.
 *
 * @example
 * ```ts
 * await libsqlRemoteTransactions(client).transaction(async (tx) => {
 *   await tx.execute("INSERT INTO reading VALUES ('m-1', 4.2)");
 * });
 * ```
 */
export function libsqlRemoteTransactions<Tx extends RemoteTransaction>(
  client: RemoteTransactingClient<Tx>,
  options: LibsqlRemoteTransactionsOptions = {},
): Transactions<Tx> {
  const action = "create transactions";
  return readOptions({ action, options }, (given) => {
    requireServer(action, client, ["transaction", "batch"]);
    const { clock = systemClock(), random = systemRandom() } = given;
    const server: Server<Tx> = {
      client,
      ledger: ledgerOf(given.prefix),
      answered: answering(action, given, clock),
      clock,
      random,
      inquiryTimeoutMs: checkedNumber({
        action,
        option: "inquiryTimeoutMs",
        value: given.inquiryTimeoutMs,
        default: 30_000,
        min: 1,
        max: 300_000,
      }),
    };
    const begin = () => begun(server);
    const turns = createTurns({ begin, isBusy, options: given });
    return {
      takesTurns: true,
      transaction: (work) =>
        turns.take(async ({ tx, id }) => {
          try {
            await work(tx);
            await commit(server, tx, id);
          } finally {
            tx.close();
          }
        }),
    };
  });
}

/** The server, and how its answers are waited for. */
interface Server<Tx> {
  readonly client: RemoteTransactingClient<Tx>;
  readonly ledger: Ledger;
  readonly answered: Answered;
  readonly clock: Clock;
  readonly random: Random;
  readonly inquiryTimeoutMs: number;
}

/**
 * Begins with the id. Written last, it might be on its own: the client does
 * not notice that the server has ended a transaction, and what it sends then
 * commits by itself.
 */
async function begun<Tx extends RemoteTransaction>(
  { client, ledger, answered, random }: Server<Tx>,
): Promise<{ readonly tx: Tx; readonly id: string }> {
  const id = hexOf(random.bytes(16));
  const tx = await answered(() => client.transaction("write"));
  try {
    await answered(() => tx.batch(signingStatements(ledger, id)));
    return { tx, id };
  } catch (thrown) {
    tx.close();
    throw storageError("begin a transaction", thrown);
  }
}

async function commit<Tx extends RemoteTransaction>(
  server: Server<Tx>,
  tx: Tx,
  id: string,
): Promise<void> {
  try {
    await server.answered(() => tx.commit());
  } catch (thrown) {
    // Still open, it would hold up the inquiry.
    tx.close();
    if (await wasCommitted(server, id)) return;
    throw new StorageError(
      "STORAGE_FAILED",
      `Cannot commit as the server must do so: current value is rolled back, ` +
        `after ${reasonOf(thrown)}`,
      thrown,
    );
  }
}

/** The longest pause between two questions. */
const PAUSE_MS = 1_000;

/** Asks until somebody answers. */
async function wasCommitted(
  server: Server<RemoteTransaction>,
  id: string,
): Promise<boolean> {
  const { client, ledger, answered, clock, random } = server;
  const endsAtMs = clock.monotonicMs() + server.inquiryTimeoutMs;
  for (;;) {
    try {
      return isCommitted(
        await answered(() =>
          client.batch(inquiryStatements(ledger, id), "write")
        ),
      );
    } catch (thrown) {
      if (clock.monotonicMs() < endsAtMs) {
        await clock.sleep(random.fraction() * PAUSE_MS);
        continue;
      }
      throw new CommitUnknownError(id, thrown);
    }
  }
}
