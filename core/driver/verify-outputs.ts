/**
 * Verifies a list of outputs: every byte of it, against a verified ledger info and the ledger that it continues.
 *
 * Source: formats §3.5 and §4.3–4.4, driver.md §1.13. Pure. Hashes go through the hasher in one batch per kind. The range
 * proof comes first, so that what is read afterwards is known to be the chain's own infos.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { hashAuxiliaryInfos } from "../chain/auxiliary-info.ts";
import { splitEvents } from "../chain/event-lists.ts";
import { type ChainContext, HASH_BYTES } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { readTransactionInfoFields, type TransactionInfoFields } from "../chain/transaction-info-fields.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import { SyncError } from "../errors.ts";
import { type Accumulator, accumulatorRoot, appendLeaves } from "../merkle/accumulator.ts";
import { verifyExtension } from "../merkle/accumulator-extension.ts";
import { verifyRange } from "../merkle/accumulator-range.ts";
import { createNodeHash } from "../merkle/node-hash.ts";
import { markVerified, type Verified } from "../trust/verified.ts";
import type { TransactionOutputListWithProof } from "../wire/response-types.ts";
import { noAuxiliaryInfos } from "./auxiliary-infos.ts";
import { rootsFromLeafLists } from "./event-roots.ts";

/** That a list of outputs continues a ledger, as a peer says. */
export interface OutputsClaim {
  /** What the peer sent. */
  readonly outputs: TransactionOutputListWithProof;
  /** What the proof must lead to; its version is the list's proof version. */
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures>;
  /** The ledger so far. */
  readonly accumulator: Accumulator;
}

/** A chunk whose every byte is proven, and what was computed on the way. */
export interface VerifiedOutputs {
  /** What may be committed. */
  readonly chunk: Verified<TransactionChunk & { readonly infoHashes: Uint8Array }>;
  /** What the infos say. */
  readonly fields: TransactionInfoFields;
  /** The ledger with the chunk appended. */
  readonly accumulator: Accumulator;
}

/**
 * Verifies `claim`.
 *
 * Checked, in this order: the list begins exactly where the ledger ends, and reaches at most the ledger info; the infos
 * are in the accumulator of the ledger info at their place; they continue our ledger, not a fork of it; and every
 * transaction, event list, write set and auxiliary info is the one that its info names.
 *
 * Does not check what the changes do to the state, nor where the epoch ends.
 *
 * @throws {SyncError} `RESPONSE_MISMATCH` if the list is of other versions, or its columns differ in length.
 * @throws {SyncError} `PROOF_MISMATCH` if a hash is not the one that its proof or info demands.
 * @throws {SyncError} `MALFORMED_BCS` if an item is not canonical.
 * @throws {SyncError} `UNSUPPORTED` if a proven info is of a layout that this build does not know.
 */
export function verifyOutputs(context: ChainContext, claim: OutputsClaim): VerifiedOutputs {
  const { outputs } = claim;
  const { hasher, seeds } = context;
  assertPlace(claim);
  const infoHashes = hasher.hashColumn(seeds.transactionInfo, outputs.infos);
  const accumulator = verifyInfos(context, claim, infoHashes);
  const fields = readTransactionInfoFields(outputs.infos);
  const transactionHashes = hasher.hashColumn(seeds.transaction, outputs.transactions);
  assertHashes("transaction", fields.transactionHashes, transactionHashes, claim);
  assertHashes("write set", fields.stateChangeHashes, hasher.hashColumn(seeds.writeSet, outputs.writeSets), claim);
  const { events, counts } = splitEvents(outputs.events);
  const eventHashes = hasher.hashColumn(seeds.contractEvent, events);
  const eventNodes = createNodeHash(hasher, context.seeds.eventAccumulator);
  assertHashes("event list", fields.eventRootHashes, rootsFromLeafLists(eventHashes, counts, eventNodes), claim);
  const auxiliaryInfos = verifyAuxiliaryInfos(context, fields, claim);
  const { transactions, infos, writeSets, firstVersion } = outputs;
  const count = infos.count;
  const chunk = { firstVersion, count, transactions, infos, events: outputs.events, writeSets, auxiliaryInfos };
  return { chunk: markVerified({ ...chunk, infoHashes }), fields, accumulator };
}

/** The list begins where the ledger ends, so nothing overlaps, and its columns are equally long. */
function assertPlace({ outputs, ledgerInfo, accumulator }: OutputsClaim): void {
  const { version } = ledgerInfo.ledgerInfo.commitInfo;
  const { count } = outputs.infos;
  const { transactions, events, writeSets, auxiliaryInfos } = outputs;
  assertEqual("first version", accumulator.leafCount, outputs.firstVersion);
  assertEqual("proof version", version, outputs.proofVersion);
  for (const column of [transactions, events, writeSets, auxiliaryInfos]) {
    if (column !== undefined) assertEqual("number of items", BigInt(count), BigInt(column.count));
  }
  const left = version - outputs.firstVersion + 1n;
  if (count >= 1 && BigInt(count) <= left) return;
  throw new SyncError("RESPONSE_MISMATCH", `Cannot use outputs: there must be 1 to ${left}, current value is ${count}`);
}

/** The infos are in the ledger info's accumulator, at the place where our ledger ends; returns ours with them appended. */
function verifyInfos(context: ChainContext, claim: OutputsClaim, infoHashes: Uint8Array): Accumulator {
  const { outputs, ledgerInfo, accumulator } = claim;
  const { version, executedStateId } = ledgerInfo.ledgerInfo.commitInfo;
  const nodeHash = createNodeHash(context.hasher, context.seeds.transactionAccumulator);
  const place = { firstIndex: outputs.firstVersion, leafHashes: infoHashes };
  verifyRange({ ...place, proof: outputs.proof, root: executedStateId, leafCount: version + 1n }, nodeHash);
  verifyExtension({
    ...place,
    leafCount: accumulator.leafCount,
    root: accumulatorRoot(accumulator, nodeHash),
    leftSiblings: outputs.proof.leftSiblings,
  }, nodeHash);
  return appendLeaves({ accumulator, leafHashes: infoHashes }, nodeHash);
}

/** An absent list (V1) says that every auxiliary info is `None`, which the infos must say too. */
function verifyAuxiliaryInfos(context: ChainContext, fields: TransactionInfoFields, claim: OutputsClaim): Column {
  const auxiliaryInfos = claim.outputs.auxiliaryInfos ?? noAuxiliaryInfos(fields.count);
  const { hashes, has } = hashAuxiliaryInfos(context, auxiliaryInfos);
  if (!equalBytes(has, fields.hasAuxiliaryInfo)) {
    const index = has.findIndex((value, i) => value !== fields.hasAuxiliaryInfo[i]);
    throw mismatch("auxiliary info", claim, index);
  }
  assertHashes("auxiliary info", fields.auxiliaryInfoHashes, hashes, claim);
  return auxiliaryInfos;
}

function assertHashes(what: string, expected: Uint8Array, actual: Uint8Array, claim: OutputsClaim): void {
  if (equalBytes(expected, actual)) return;
  const index = actual.findIndex((byte, i) => byte !== expected[i]);
  throw mismatch(what, claim, Math.floor(index / HASH_BYTES));
}

function mismatch(what: string, { outputs }: OutputsClaim, index: number): SyncError {
  const version = outputs.firstVersion + BigInt(index);
  return new SyncError("PROOF_MISMATCH", `Cannot verify outputs: the ${what} of version ${version} is another`, {
    detail: { version },
  });
}

function assertEqual(what: string, expected: bigint, actual: bigint): void {
  if (expected === actual) return;
  throw new SyncError(
    "RESPONSE_MISMATCH",
    `Cannot use outputs: ${what} must be ${expected}, current value is ${actual}`,
  );
}
