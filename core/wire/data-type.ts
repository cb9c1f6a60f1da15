/**
 * What a request for transaction data wants: transactions, outputs, or whichever fits.
 *
 * @module
 */

/** Which lists answer a request for transaction data. */
export type TransactionDataType =
  /** Transactions; with their events if asked. */
  | { readonly kind: "transactions"; readonly includeEvents: boolean }
  /** Transactions with what they did: events and write sets. */
  | { readonly kind: "outputs" }
  /** Outputs if all of them fit the answer, else transactions. */
  | { readonly kind: "transactionsOrOutputs"; readonly includeEvents: boolean };
