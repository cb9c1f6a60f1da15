/**
 * A small ledger that is real in every hash, made block by block, with everything it should lead to kept in plain arrays and
 * maps: the source of chunks for ledger tests, and the naive reference that a store is compared with.
 *
 * @module
 */
import { concatBytes } from "../../core/bytes/bytes.ts";
import { encodeColumn } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { FRAMEWORK_ADDRESS } from "../../core/chain/address.ts";
import { encodeAuxiliaryInfo } from "../../core/chain/auxiliary-info.ts";
import { type ContractEvent, encodeContractEvent, encodeContractEvents } from "../../core/chain/event.ts";
import {
  ACCUMULATOR_PLACEHOLDER_HASH,
  type ChainContext,
  SPARSE_MERKLE_PLACEHOLDER_HASH,
  ZERO_HASH,
} from "../../core/chain/hash.ts";
import type { EpochState } from "../../core/chain/epoch-state.ts";
import {
  createLedgerInfoWithSignatures,
  type LedgerInfoWithSignatures,
  noSignatures,
} from "../../core/chain/ledger-info.ts";
import { CONFIGURATION_KEY, VALIDATOR_SET_KEY } from "../../core/chain/reconfiguration.ts";
import { decodeStateKey, encodeStateKey, hashStateKey } from "../../core/chain/state-key.ts";
import { encodeStateValue } from "../../core/chain/state-value.ts";
import { encodeTransactionInfo } from "../../core/chain/transaction-info.ts";
import { encodeValidatorSet, epochStateOf, type ValidatorSet } from "../../core/chain/validator-set.ts";
import { encodeWriteSet, type WriteEntry } from "../../core/chain/write-set.ts";
import type { VerifiedChunk } from "../../core/ledger/writer.ts";
import { markVerified, type Verified } from "../../core/trust/verified.ts";
import { type Waypoint, waypointOf } from "../../core/trust/waypoint.ts";

/** One state item of the reference. */
interface ReferenceItem {
  readonly keyHash: Uint8Array;
  readonly valueHash: Uint8Array;
  readonly stateKey: Uint8Array;
  readonly stateValue: Uint8Array;
}

/** One version of the reference, exact bytes. */
interface ReferenceVersion {
  readonly transaction: Uint8Array;
  readonly info: Uint8Array;
  readonly events: Uint8Array;
  readonly writeSet: Uint8Array;
  readonly auxiliaryInfo: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly transactionHash: Uint8Array;
}

/** A block as it is handed to a store. */
export interface SyntheticBlock {
  readonly chunk: VerifiedChunk;
  readonly ledgerInfo: Verified<LedgerInfoWithSignatures>;
}

/** What a block is made of. */
export interface BlockPlan {
  /** Transactions, ≥ 1. */
  readonly count: number;
  /** Keys written by each transaction. @default {3} */
  readonly writes?: number;
  /** Bytes of each value. @default {40} */
  readonly valueBytes?: number;
  /** Bytes of each transaction. Larger ones are filled up with what decodes as nothing: a store does not look. @default {33} */
  readonly transactionBytes?: number;
  /** The last transaction ends the epoch. @default {false} */
  readonly endsEpoch?: boolean;
  /** Which transactions carry a state checkpoint hash. @default the last alone */
  readonly checkpoints?: readonly number[];
}

/** A ledger in arrays and maps. */
export interface SyntheticLedger {
  readonly versions: readonly ReferenceVersion[];
  /** The state at every checkpoint, sorted by key hash. */
  readonly states: ReadonlyMap<bigint, readonly ReferenceItem[]>;
  readonly endings: readonly Verified<LedgerInfoWithSignatures>[];
  /** Waypoint of version 0, once it is made. */
  waypoint(): Waypoint;
  /** Makes the next block. The first is genesis: one transaction that ends epoch 0. */
  next(plan: BlockPlan): SyntheticBlock;
  /** Joins the versions from `firstVersion` on into one chunk. */
  chunk(firstVersion: bigint, count: number): VerifiedChunk;
  /** Ledger info over everything up to `version`, which must not end an epoch unless it is the stored one. */
  ledgerInfoAt(version: bigint): Verified<LedgerInfoWithSignatures>;
  /** 32-byte accumulator root over the first `leafCount` versions. */
  rootAt(leafCount: number): Uint8Array;
  /** 32-byte state root at a checkpoint. */
  stateRootAt(version: bigint): Uint8Array;
}

const KEY_COUNT = 60;
const SUCCESS = { kind: "success" } as const;

/** Creates a ledger without versions. The same seed makes the same ledger. */
export function createSyntheticLedger(context: ChainContext, seed = 1): SyntheticLedger {
  const { hasher, seeds, profile } = context;
  const random = createRandom(seed);
  const versions: ReferenceVersion[] = [];
  const states = new Map<bigint, readonly ReferenceItem[]>();
  const endings: Verified<LedgerInfoWithSignatures>[] = [];
  const live = new Map<string, ReferenceItem>();
  const epochs: bigint[] = [];
  let epoch = 0n;

  const rootAt = (leafCount: number) =>
    accumulatorRootOf(context, seeds.transactionAccumulator, versions.slice(0, leafCount).map((item) => item.infoHash));

  function writeEntries(plan: BlockPlan, isLast: boolean): WriteEntry[] {
    const entries = new Map<string, WriteEntry>();
    for (let i = 0; i < (plan.writes ?? 3); i++) {
      const key = { kind: "raw" as const, key: new Uint8Array([7, Math.floor(random() * KEY_COUNT)]) };
      const data = new Uint8Array(plan.valueBytes ?? 40).map(() => Math.floor(random() * 256));
      const removes = random() < 0.25;
      entries.set(encodeHex(key.key), {
        key,
        op: removes ? { kind: "deletion" } : { kind: random() < 0.5 ? "creation" : "modification", data },
      });
    }
    const written = [...entries.values()];
    return isLast && plan.endsEpoch === true ? [...written, ...reconfigurationEntries()] : written;
  }

  function reconfigurationEntries(): WriteEntry[] {
    const configuration = new Uint8Array(40);
    new DataView(configuration.buffer).setBigUint64(0, epoch + 1n, true);
    return [
      { key: decodeStateKey(CONFIGURATION_KEY), op: { kind: "modification", data: configuration } },
      { key: decodeStateKey(VALIDATOR_SET_KEY), op: { kind: "modification", data: encodeValidatorSet(validators()) } },
    ];
  }

  function validators(): ValidatorSet {
    const index = Number(epoch % 200n);
    const active = [{
      address: new Uint8Array(32).fill(index + 1),
      votingPower: 10n + epoch,
      publicKey: new Uint8Array(profile.publicKeyBytes).fill(index + 2),
      networkAddresses: new Uint8Array(1),
      fullnodeAddresses: new Uint8Array(1),
      validatorIndex: 0n,
    }];
    return { active, pendingInactive: [], pendingActive: [], totalVotingPower: 10n + epoch, totalJoiningPower: 0n };
  }

  function applyWrites(entries: readonly WriteEntry[]): void {
    for (const { key, op } of entries) {
      const stateKey = encodeStateKey(key);
      const keyHash = hashStateKey(context, stateKey);
      if (op.kind === "deletion") {
        live.delete(encodeHex(keyHash));
        continue;
      }
      const stateValue = encodeStateValue({ data: op.data });
      live.set(encodeHex(keyHash), {
        keyHash,
        stateKey,
        stateValue,
        valueHash: hasher.hash(seeds.stateValue, stateValue),
      });
    }
  }

  function sortedState(): ReferenceItem[] {
    return [...live.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item);
  }

  function appendVersion(plan: BlockPlan, index: number): void {
    const version = BigInt(versions.length);
    const isLast = index === plan.count - 1;
    const entries = writeEntries(plan, isLast);
    applyWrites(entries);
    const writeSet = encodeWriteSet({ entries });
    const events = eventsOf(version, isLast && plan.endsEpoch === true);
    const eventHashes = events.map((event) => hasher.hash(seeds.contractEvent, encodeContractEvent(event)));
    const transaction = concatBytes(
      new Uint8Array([3]),
      hasher.hash(new Uint8Array([seed & 255]), versionBytes(version)),
      new Uint8Array(Math.max(0, (plan.transactionBytes ?? 0) - 33)),
    );
    const auxiliaryInfo = encodeAuxiliaryInfo({ kind: "v1", transactionIndex: index });
    const transactionHash = hasher.hash(seeds.transaction, transaction);
    const hasCheckpoint = (plan.checkpoints ?? [plan.count - 1]).includes(index);
    if (hasCheckpoint) states.set(version, sortedState());
    const info = encodeTransactionInfo({
      gasUsed: BigInt(Math.floor(random() * 1000)),
      status: SUCCESS,
      transactionHash,
      eventRootHash: accumulatorRootOf(context, seeds.eventAccumulator, eventHashes),
      stateChangeHash: hasher.hash(seeds.writeSet, writeSet),
      stateCheckpointHash: hasCheckpoint ? stateRootOf(context, states.get(version) as ReferenceItem[]) : undefined,
      auxiliaryInfoHash: hasher.hash(seeds.persistedAuxiliaryInfo, auxiliaryInfo),
    });
    const infoHash = hasher.hash(seeds.transactionInfo, info);
    versions.push({
      transaction,
      info,
      events: encodeContractEvents(events),
      writeSet,
      auxiliaryInfo,
      infoHash,
      transactionHash,
    });
    epochs.push(epoch);
  }

  function ledgerInfo(version: bigint, nextEpochState: EpochState | undefined): Verified<LedgerInfoWithSignatures> {
    const commitInfo = {
      epoch: epochs[Number(version)] as bigint,
      round: version,
      id: ZERO_HASH,
      executedStateId: rootAt(Number(version) + 1),
      version,
      timestampUsecs: version * 1_000n,
      nextEpochState,
    };
    const info = { commitInfo, consensusDataHash: ZERO_HASH };
    return markVerified(createLedgerInfoWithSignatures(info, noSignatures(profile.validatorScheme), profile));
  }

  function chunk(firstVersion: bigint, count: number): VerifiedChunk {
    const picked = versions.slice(Number(firstVersion), Number(firstVersion) + count);
    return markVerified({
      firstVersion,
      count,
      transactions: encodeColumn(picked.map((version) => version.transaction)),
      infos: encodeColumn(picked.map((version) => version.info)),
      events: encodeColumn(picked.map((version) => version.events)),
      writeSets: encodeColumn(picked.map((version) => version.writeSet)),
      auxiliaryInfos: encodeColumn(picked.map((version) => version.auxiliaryInfo)),
      infoHashes: concatBytes(...picked.map((version) => version.infoHash)),
    });
  }

  return {
    versions,
    states,
    endings,
    waypoint: () => waypointOf(context, (endings[0] as LedgerInfoWithSignatures).ledgerInfo),
    rootAt,
    stateRootAt: (version) => stateRootOf(context, states.get(version) as ReferenceItem[]),
    chunk,
    ledgerInfoAt: (version) =>
      endings.find((ending) => ending.ledgerInfo.commitInfo.version === version) ?? ledgerInfo(version, undefined),
    next(planned) {
      const plan = versions.length === 0 ? { ...planned, count: 1, endsEpoch: true } : planned;
      const firstVersion = BigInt(versions.length);
      for (let index = 0; index < plan.count; index++) appendVersion(plan, index);
      const last = BigInt(versions.length) - 1n;
      const nextEpochState = plan.endsEpoch === true ? epochStateOf(validators(), epoch + 1n) : undefined;
      const info = ledgerInfo(last, nextEpochState);
      if (nextEpochState !== undefined) {
        endings.push(info);
        epoch += 1n;
      }
      return { chunk: chunk(firstVersion, plan.count), ledgerInfo: info };
    },
  };
}

/** What block `number` of a test across processes is made of, so that each of them makes the same ledger. */
export function planOfBlock(number: number): BlockPlan {
  return { count: 1 + (number * 7) % 5, writes: 2, valueBytes: 20_000, endsEpoch: number % 5 === 4 };
}

/** Formats §4.1 from the definition: level by level, an odd level padded with one placeholder. */
function accumulatorRootOf(context: ChainContext, seed: Uint8Array, leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return ACCUMULATOR_PLACEHOLDER_HASH;
  let row = [...leaves];
  while (row.length > 1) {
    if (row.length % 2 === 1) row.push(ACCUMULATOR_PLACEHOLDER_HASH);
    const next: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) next.push(context.hasher.hash(seed, concatBytes(row[i]!, row[i + 1]!)));
    row = next;
  }
  return row[0]!;
}

/** Formats §5.1 from the definition. */
function stateRootOf(context: ChainContext, items: readonly ReferenceItem[], depth = 0): Uint8Array {
  const { hasher, seeds } = context;
  const [only] = items;
  if (only === undefined) return SPARSE_MERKLE_PLACEHOLDER_HASH;
  if (items.length === 1) return hasher.hash(seeds.sparseMerkleLeafNode, concatBytes(only.keyHash, only.valueHash));
  const isRight = (item: ReferenceItem) => ((item.keyHash[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
  const left = stateRootOf(context, items.filter((item) => !isRight(item)), depth + 1);
  const right = stateRootOf(context, items.filter(isRight), depth + 1);
  return hasher.hash(seeds.sparseMerkleInternal, concatBytes(left, right));
}

function eventsOf(version: bigint, endsEpoch: boolean): ContractEvent[] {
  const events: ContractEvent[] = [];
  for (let i = 0n; i < version % 3n; i++) {
    events.push({ kind: "v2", type: { kind: "u64" }, data: versionBytes(version + i) });
  }
  if (!endsEpoch) return events;
  const struct = { address: FRAMEWORK_ADDRESS, module: "reconfiguration", name: "NewEpoch", typeArguments: [] };
  return [...events, { kind: "v2", type: { kind: "struct", struct }, data: new Uint8Array(8) }];
}

function versionBytes(version: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, version);
  return bytes;
}

/** Mulberry32: small, seeded, good enough to spread test data. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
