/**
 * What must hold before a chunk is committed, whoever verified it before.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { columnItem } from "../bytes/column.ts";
import { equalEpochStates } from "../chain/epoch-state.ts";
import { firstNewEpoch } from "../chain/event-lists.ts";
import { type ChainContext, HASH_BYTES } from "../chain/hash.ts";
import type { LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { readNextEpochState } from "../chain/reconfiguration.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import { readTransactionInfoFields } from "../chain/transaction-info-fields.ts";
import { SyncError } from "../errors.ts";
import { hashAt } from "../merkle/node-hash.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "../trust/waypoint.ts";
import { CHUNK_COLUMNS } from "./segment.ts";
import type { StagedState } from "./writer.ts";

/** What a commit needs to know of its chunk. */
export interface ChunkFacts {
  readonly lastVersion: bigint;
  /** Transaction hashes, flat. */
  readonly transactionHashes: Uint8Array;
  /** The last info with a state checkpoint hash. */
  readonly checkpoint: { readonly version: bigint; readonly rootHash: Uint8Array } | undefined;
  /** Whether the last transaction ends an epoch. */
  readonly endsEpoch: boolean;
}

/**
 * Reads what a commit needs to know of a chunk.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the chunk is empty, its columns differ in length, or it crosses the end of an epoch.
 * @throws {SyncError} `MALFORMED_BCS` if an item is no list of events.
 */
export function inspectChunk(chunk: TransactionChunk, infoHashes: Uint8Array): ChunkFacts {
  const { count, firstVersion } = chunk;
  if (count < 1 || CHUNK_COLUMNS.some((name) => chunk[name].count !== count)) {
    throw invalid(`its columns must have ${count} items, and at least one`);
  }
  if (infoHashes.length !== count * HASH_BYTES) throw invalid(`it needs ${count} info hashes`);
  const last = count - 1;
  const epochEnd = firstNewEpoch(chunk.events);
  if (epochEnd !== undefined && epochEnd < last) {
    throw invalid(`version ${firstVersion + BigInt(epochEnd)} ends an epoch inside it`);
  }
  const fields = readTransactionInfoFields(chunk.infos);
  const checkpoint = fields.hasStateCheckpoint.lastIndexOf(1);
  return {
    lastVersion: firstVersion + BigInt(last),
    transactionHashes: fields.transactionHashes,
    endsEpoch: epochEnd !== undefined,
    checkpoint: checkpoint < 0 ? undefined : {
      version: firstVersion + BigInt(checkpoint),
      rootHash: hashAt(fields.stateCheckpointHashes, checkpoint),
    },
  };
}

/**
 * Demands that the staged state is that of the chunk's last checkpoint.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if there is a checkpoint and no state for it, or the other way round.
 * @throws {SyncError} `PROOF_MISMATCH` if the roots differ.
 */
export function assertStateFits(facts: ChunkFacts, state: StagedState | undefined): void {
  if (facts.checkpoint?.version !== state?.version) {
    throw invalid(
      `its last checkpoint is ${facts.checkpoint?.version ?? "none"}, the staged state's is ${
        state?.version ?? "none"
      }`,
    );
  }
  if (facts.checkpoint === undefined || state === undefined) return;
  if (equalBytes(facts.checkpoint.rootHash, state.rootHash)) return;
  throw new SyncError("PROOF_MISMATCH", `Cannot commit: the state root at version ${state.version} is another`, {
    detail: { version: state.version },
  });
}

/** What a ledger info is compared with. */
export interface LedgerInfoExpectation {
  readonly context: ChainContext;
  readonly facts: ChunkFacts;
  /** BCS write set of the last transaction. */
  readonly lastWriteSet: Uint8Array;
  /** 32-byte accumulator root after the chunk. */
  readonly accumulatorRoot: Uint8Array;
  /** Epoch of the chunk, where it is known. */
  readonly epoch: bigint | undefined;
}

/**
 * Demands that a ledger info describes the ledger as it is after the chunk.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if it is not at the chunk's last version.
 * @throws {SyncError} `EPOCH_MISMATCH` if it is of another epoch.
 * @throws {SyncError} `PROOF_MISMATCH` if the accumulator root, the end of the epoch or the next epoch state differ.
 */
export function assertLedgerInfoFits(info: LedgerInfoWithSignatures, expected: LedgerInfoExpectation): void {
  const { commitInfo } = info.ledgerInfo;
  const { facts, epoch } = expected;
  if (commitInfo.version !== facts.lastVersion) {
    throw invalid(`its last version is ${facts.lastVersion}, the ledger info's is ${commitInfo.version}`);
  }
  if (epoch !== undefined && commitInfo.epoch !== epoch) {
    throw new SyncError(
      "EPOCH_MISMATCH",
      `Cannot commit: the chunk is of epoch ${epoch}, the ledger info of ${commitInfo.epoch}`,
      { detail: { expected: epoch, epoch: commitInfo.epoch } },
    );
  }
  const mismatch = (what: string) =>
    new SyncError("PROOF_MISMATCH", `Cannot commit: ${what} at version ${facts.lastVersion} is another`, {
      detail: { version: facts.lastVersion },
    });
  if (!equalBytes(commitInfo.executedStateId, expected.accumulatorRoot)) throw mismatch("the accumulator root");
  if ((commitInfo.nextEpochState !== undefined) !== facts.endsEpoch) throw mismatch("the end of the epoch");
  if (commitInfo.nextEpochState === undefined) return;
  const written = readNextEpochState(expected.lastWriteSet, expected.context.profile);
  if (!equalEpochStates(written, commitInfo.nextEpochState)) {
    throw mismatch("the next epoch state");
  }
}

/**
 * Demands that a chunk which reaches the waypoint ends there, with the ledger info that the waypoint names.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if the chunk passes the waypoint.
 * @throws {SyncError} `WAYPOINT_MISMATCH` if there is no ledger info, or another one.
 */
export function assertWaypointHolds(
  waypoint: Waypoint,
  chunk: { readonly firstVersion: bigint; readonly lastVersion: bigint; readonly context: ChainContext },
  info: LedgerInfoWithSignatures | undefined,
): void {
  if (waypoint.version < chunk.firstVersion || waypoint.version > chunk.lastVersion) return;
  if (waypoint.version < chunk.lastVersion) throw invalid(`it passes the waypoint at version ${waypoint.version}`);
  const actual = info === undefined ? undefined : waypointOf(chunk.context, info.ledgerInfo);
  if (actual !== undefined && equalBytes(actual.value, waypoint.value)) return;
  throw new SyncError(
    "WAYPOINT_MISMATCH",
    `Cannot commit: the waypoint is ${formatWaypoint(waypoint)}, ${
      actual === undefined ? "there is no ledger info" : `the ledger info's is ${formatWaypoint(actual)}`
    }`,
    { detail: { version: waypoint.version } },
  );
}

function invalid(reason: string): SyncError {
  return new SyncError("INVALID_ARGUMENT", `Cannot commit chunk: ${reason}`);
}

/** Item 0 ≤ `index` of the write sets, by name. */
export function lastWriteSet(chunk: TransactionChunk): Uint8Array {
  return columnItem(chunk.writeSets, chunk.count - 1);
}
