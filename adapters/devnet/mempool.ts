/**
 * Transactions that were handed in from outside and wait for a block.
 *
 * @module
 */
import { decodeSignedTransaction } from "../../core/chain/signed-transaction.ts";
import { encodeTransaction } from "../../core/chain/transaction.ts";
import { SyncError } from "../../core/errors.ts";

/** Transactions that wait at most; whoever hands in more must try again later. */
const MAX_WAITING = 10_000;

/** First in, first out. Whether a transaction is any good is decided by executing it. */
export interface Mempool {
  /**
   * Adds a transaction.
   *
   * @param signedTransaction BCS `SignedTransaction`. Copied.
   * @throws {SyncError} `MALFORMED_BCS`, `UNSUPPORTED` if it is not one that this build knows.
   * @throws {SyncError} `TOO_MANY_REQUESTS` if too many are waiting.
   */
  submit(signedTransaction: Uint8Array): void;
  /** Removes and returns up to `count` transactions. BCS `Transaction` each. */
  take(count: number): Uint8Array[];
}

/** Creates an empty mempool. */
export function createMempool(): Mempool {
  const waiting: Uint8Array[] = [];
  return {
    submit(signedTransaction) {
      const transaction = decodeSignedTransaction(signedTransaction);
      if (waiting.length >= MAX_WAITING) {
        throw new SyncError("TOO_MANY_REQUESTS", `Cannot take transaction: ${MAX_WAITING} are waiting`);
      }
      waiting.push(encodeTransaction({ kind: "user", transaction }));
    },
    take: (count) => waiting.splice(0, count),
  };
}
