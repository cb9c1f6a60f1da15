/**
 * Checks the proofs in answers of a storage service against ledger infos that the test trusts: from the definitions, with
 * the merkle code alone, not with the driver's.
 *
 * @module
 */
import { expect } from "vitest";
import { columnItems } from "../../core/bytes/column.ts";
import { decodeBcs } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { decodeLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../../core/chain/ledger-info.ts";
import { hashStateKeys } from "../../core/chain/state-key.ts";
import { readTransactionInfo, type TransactionInfo } from "../../core/chain/transaction-info.ts";
import { verifyInclusion } from "../../core/merkle/accumulator-proof.ts";
import { verifyRange } from "../../core/merkle/accumulator-range.ts";
import { createNodeHash, createSparseHash } from "../../core/merkle/node-hash.ts";
import { emptyFrontier } from "../../core/merkle/sparse-frontier.ts";
import { verifySparseProof } from "../../core/merkle/sparse-proof.ts";
import { createStateRangeVerifier } from "../../core/merkle/sparse-range.ts";
import type { StateValueChunkWithProof, StateValuesByKeyHash, TransactionDataList } from "../../core/wire/response.ts";

/** Expects a list to be proven in the ledger of `proof`, each part matching its info. */
export function expectListProven(
  context: ChainContext,
  list: TransactionDataList,
  proof: LedgerInfoWithSignatures,
): void {
  const { hasher, seeds } = context;
  const { version, executedStateId: root } = proof.ledgerInfo.commitInfo;
  expect(list.proofVersion).toBe(version);
  const nodeHash = createNodeHash(hasher, seeds.transactionAccumulator);
  const leafHashes = hasher.hashColumn(seeds.transactionInfo, list.infos);
  const claim = { firstIndex: list.firstVersion, leafHashes, proof: list.proof, leafCount: version + 1n, root };
  verifyRange(claim, nodeHash);
  const infos = columnItems(list.infos).map((bytes) => decodeBcs(bytes, readTransactionInfo));
  const hashesOf = (pick: (info: TransactionInfo) => Uint8Array | undefined) => infos.map((info) => pick(info)?.join());
  const columnHashes = (seed: Uint8Array, items: Uint8Array[]) => items.map((item) => hasher.hash(seed, item).join());
  expect(columnHashes(seeds.transaction, columnItems(list.transactions))).toEqual(
    hashesOf((info) => info.transactionHash),
  );
  if (list.list === "outputs") {
    expect(columnHashes(seeds.writeSet, columnItems(list.writeSets))).toEqual(hashesOf((info) => info.stateChangeHash));
  }
}

/** Expects consecutive chunks to be the whole state with `root`. */
export function expectWholeState(
  context: ChainContext,
  chunks: readonly StateValueChunkWithProof[],
  root: Uint8Array,
): void {
  const { hasher, seeds } = context;
  const verifier = createStateRangeVerifier({ root, frontier: emptyFrontier() }, createSparseHash(hasher, seeds));
  for (const chunk of chunks) {
    const keys = hashStateKeys(context, chunk.stateKeys);
    expect(keys.subarray(0, 32)).toEqual(chunk.firstKey);
    expect(keys.subarray(-32)).toEqual(chunk.lastKey);
    const valueHashes = hasher.hashColumn(seeds.stateValue, chunk.stateValues);
    verifier.receive({ leaves: { keys, valueHashes }, proof: chunk.proof });
  }
  expect(verifier.isComplete()).toBe(true);
}

/** Expects every value (or its absence) to be proven, and returns whether each one is there. */
export function expectValuesProven(context: ChainContext, answer: StateValuesByKeyHash): boolean[] {
  const { hasher, seeds, profile } = context;
  const ledgerInfo = decodeLedgerInfoWithSignatures(answer.ledgerInfo, profile);
  const { version, executedStateId } = ledgerInfo.ledgerInfo.commitInfo;
  expect(answer.proofVersion).toBe(version);
  verifyInclusion({
    leafHash: hasher.hash(seeds.transactionInfo, answer.transactionInfo),
    leafIndex: answer.checkpoint,
    siblings: answer.accumulatorSiblings,
    leafCount: version + 1n,
    root: executedStateId,
  }, createNodeHash(hasher, seeds.transactionAccumulator));
  const root = decodeBcs(answer.transactionInfo, readTransactionInfo).stateCheckpointHash;
  if (root === undefined || root === null) throw new Error("not a checkpoint");
  return answer.values.map(({ keyHash, stateValue, proof }) => {
    const valueHash = stateValue === undefined ? undefined : hasher.hash(seeds.stateValue, stateValue);
    verifySparseProof({ key: keyHash, valueHash, proof, root }, createSparseHash(hasher, seeds));
    return stateValue !== undefined;
  });
}
