/**
 * Genesis: from the file that a network publishes to everything that its first transaction fixes.
 *
 * Source: formats §7. The file vouches for nothing by itself: nobody signs genesis, so only a waypoint that comes from
 * elsewhere makes it trusted. Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { type Column, columnItem, encodeColumn } from "../bytes/column.ts";
import { encodeAuxiliaryInfo } from "../chain/auxiliary-info.ts";
import { BcsCursor } from "../chain/bcs.ts";
import { splitEvents } from "../chain/event-lists.ts";
import { isNewEpochEvent } from "../chain/event.ts";
import { type ChainContext, HASH_BYTES } from "../chain/hash.ts";
import type { EpochState } from "../chain/epoch-state.ts";
import { genesisLedgerInfo, type LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import { readNextEpochState } from "../chain/reconfiguration.ts";
import { collectStateUpdates, type StateUpdates } from "../chain/state-updates.ts";
import type { TransactionChunk } from "../chain/transaction-chunk.ts";
import { encodeTransactionInfo } from "../chain/transaction-info.ts";
import { walkWriteSet } from "../chain/write-set-walker.ts";
import { DIRECT_PAYLOAD, readWriteSetPayload } from "../chain/write-set-payload.ts";
import { SyncError } from "../errors.ts";
import { rootFromLeaves } from "../merkle/accumulator.ts";
import { createNodeHash, createSparseHash } from "../merkle/node-hash.ts";
import { canonicalRoot } from "../merkle/sparse-root.ts";
import { quorumVotingPower } from "./validator-verifier.ts";
import { markVerified, type Verified } from "./verified.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "./waypoint.ts";

/** The one transaction of genesis with the hash of its info: what a ledger store begins with. */
export type GenesisChunk = TransactionChunk & { readonly infoHashes: Uint8Array };

/** Everything that a genesis file fixes. A claim until its waypoint is compared with a trusted one. Hashes are 32 bytes. */
export interface Genesis {
  readonly transactionHash: Uint8Array;
  /** Hash of the write set. */
  readonly stateChangeHash: Uint8Array;
  readonly eventRootHash: Uint8Array;
  /** Root of the state after genesis. */
  readonly stateRootHash: Uint8Array;
  readonly transactionInfoHash: Uint8Array;
  /** Root of the accumulator that holds the genesis transaction alone. */
  readonly accumulatorRootHash: Uint8Array;
  readonly ledgerInfoHash: Uint8Array;
  /** Number of changes to the state. */
  readonly writeOpCount: number;
  readonly eventCount: number;
  /** Who signs in the first epoch. */
  readonly nextEpochState: EpochState;
  readonly totalVotingPower: bigint;
  /** Least voting power that decides. */
  readonly quorumVotingPower: bigint;
  /** Unsigned. */
  readonly ledgerInfo: LedgerInfoWithSignatures;
  readonly waypoint: Waypoint;
  /** Version 0. */
  readonly chunk: GenesisChunk;
  readonly stateUpdates: StateUpdates;
}

/** A genesis that a trusted waypoint vouches for. */
export type VerifiedGenesis = Genesis & {
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures>;
  readonly chunk: Verified<GenesisChunk>;
};

/** Where the parts of a genesis file are. */
interface GenesisParts {
  readonly writeSet: Uint8Array;
  /** BCS `ContractEvent*`. */
  readonly events: Uint8Array;
}

const GENESIS_TRANSACTION = 1;

/**
 * Reads a genesis file and recomputes every hash. About a hash for each change and event, and two for each state item.
 *
 * @param blob The whole file: BCS of a genesis transaction and nothing after it. Kept as views: do not change it.
 * @throws {SyncError} `MALFORMED_BCS` if the file is anything else, or lacks what genesis must do.
 * @throws {SyncError} `INVALID_SIGNERS` if the validators' indexes are not exactly 0 to n − 1.
 * @throws {SyncError} `UNSUPPORTED` if genesis is a script, which takes a virtual machine, or of a layout that this build
 *   does not know.
 */
export function readGenesis(context: ChainContext, blob: Uint8Array): Genesis {
  const { hasher, seeds, profile } = context;
  const { writeSet, events } = splitGenesis(blob);
  const [writeSets, eventLists] = [encodeColumn([writeSet]), encodeColumn([events])];
  const singleEvents = splitEvents(eventLists).events;
  assertEndsEpoch(singleEvents);

  const eventHashes = hasher.hashColumn(seeds.contractEvent, singleEvents);
  const stateUpdates = collectStateUpdates(context, [writeSets], 0n);
  const transactionHash = hasher.hash(seeds.transaction, blob);
  const stateChangeHash = hasher.hash(seeds.writeSet, writeSet);
  const eventRootHash = rootFromLeaves(eventHashes, createNodeHash(hasher, seeds.eventAccumulator));
  const stateRootHash = stateRoot(context, stateUpdates);
  const transactionInfo = encodeTransactionInfo({
    gasUsed: 0n,
    status: { kind: "success" },
    transactionHash,
    eventRootHash,
    stateChangeHash,
    stateCheckpointHash: stateRootHash,
  });
  const transactionInfoHash = hasher.hash(seeds.transactionInfo, transactionInfo);

  const nextEpochState = readNextEpochState(writeSet, profile);
  const ledgerInfo = genesisLedgerInfo(transactionInfoHash, nextEpochState, profile);
  return {
    transactionHash,
    stateChangeHash,
    eventRootHash,
    stateRootHash,
    transactionInfoHash,
    accumulatorRootHash: transactionInfoHash,
    ledgerInfoHash: hasher.hash(seeds.ledgerInfo, ledgerInfo.ledgerInfoBytes),
    writeOpCount: stateUpdates.opCount,
    eventCount: singleEvents.count,
    nextEpochState,
    totalVotingPower: nextEpochState.validators.reduce((total, { votingPower }) => total + votingPower, 0n),
    quorumVotingPower: quorumVotingPower(nextEpochState),
    ledgerInfo,
    waypoint: waypointOf(context, ledgerInfo.ledgerInfo),
    chunk: {
      firstVersion: 0n,
      count: 1,
      transactions: encodeColumn([blob]),
      infos: encodeColumn([transactionInfo]),
      events: eventLists,
      writeSets,
      auxiliaryInfos: encodeColumn([encodeAuxiliaryInfo({ kind: "none" })]),
      infoHashes: transactionInfoHash,
    },
    stateUpdates,
  };
}

/**
 * As {@link readGenesis}, and compares the outcome with a trusted waypoint.
 *
 * @param waypoint Trusted; comes from elsewhere than the file.
 * @throws {SyncError} `WAYPOINT_MISMATCH` if the file is not the genesis that the waypoint names.
 * @throws {SyncError} `MALFORMED_BCS`, `INVALID_SIGNERS`, `UNSUPPORTED` as {@link readGenesis}.
 */
export function verifyGenesis(context: ChainContext, blob: Uint8Array, waypoint: Waypoint): VerifiedGenesis {
  const genesis = readGenesis(context, blob);
  if (genesis.waypoint.version !== waypoint.version || !equalBytes(genesis.waypoint.value, waypoint.value)) {
    throw new SyncError(
      "WAYPOINT_MISMATCH",
      `Cannot verify genesis: the waypoint must be ${formatWaypoint(waypoint)}, current value is ${
        formatWaypoint(genesis.waypoint)
      }`,
    );
  }
  return { ...genesis, ledgerInfo: markVerified(genesis.ledgerInfo), chunk: markVerified(genesis.chunk) };
}

function splitGenesis(blob: Uint8Array): GenesisParts {
  const cursor = new BcsCursor(blob);
  const variant = cursor.uleb128();
  if (variant !== GENESIS_TRANSACTION) {
    cursor.offset = 0;
    throw cursor.malformed(
      `a genesis file holds transaction variant ${GENESIS_TRANSACTION}, current one is ${variant}`,
    );
  }
  const payloadStart = cursor.offset;
  if (cursor.uleb128() !== DIRECT_PAYLOAD) {
    cursor.offset = payloadStart;
    readWriteSetPayload(cursor);
    cursor.end();
    throw new SyncError("UNSUPPORTED", "Cannot read genesis: it is a script, which takes a virtual machine to run");
  }
  const writeSetStart = cursor.offset;
  walkWriteSet(cursor, () => {});
  return { writeSet: cursor.since(writeSetStart), events: blob.subarray(cursor.offset) };
}

/** Genesis begins the first epoch, and says so in an event. */
function assertEndsEpoch(events: Column): void {
  for (let i = 0; i < events.count; i++) if (isNewEpochEvent(columnItem(events, i))) return;
  throw new SyncError("MALFORMED_BCS", "Cannot read genesis: one of its events must begin the first epoch");
}

/** Root over the values that are left; a deletion leaves none. */
function stateRoot(context: ChainContext, updates: StateUpdates): Uint8Array {
  const keys = new Uint8Array(updates.keyHashes.length);
  const valueHashes = new Uint8Array(updates.valueHashes.length);
  const { offsets } = updates.stateValues;
  let length = 0;
  for (let i = 0; i < updates.count; i++) {
    if (offsets[i] === offsets[i + 1]) continue;
    const [start, end] = [i * HASH_BYTES, (i + 1) * HASH_BYTES];
    keys.set(updates.keyHashes.subarray(start, end), length);
    valueHashes.set(updates.valueHashes.subarray(start, end), length);
    length += HASH_BYTES;
  }
  const leaves = { keys: keys.subarray(0, length), valueHashes: valueHashes.subarray(0, length) };
  return canonicalRoot(leaves, createSparseHash(context.hasher, context.seeds));
}
