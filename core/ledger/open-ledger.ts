/**
 * Creating and opening ledger stores.
 *
 * @module
 */
import { equalBytes } from "../bytes/bytes.ts";
import { type ChainContext, HASH_BYTES, ZERO_HASH } from "../chain/hash.ts";
import { SyncError } from "../errors.ts";
import type { KvExpectation, KvOperation, OrderedKv } from "../ports/ordered-kv.ts";
import { formatWaypoint, type Waypoint, waypointOf } from "../trust/waypoint.ts";
import { epochEndAtOrAbove, readEpochEnding } from "./epoch-endings.ts";
import { EMPTY_HEAD, encodeHeadRecord } from "./head-record.ts";
import { createLedgerKeys, FENCE_KEY, FIRST_GENERATION, readU64, STORE_RECORD_KEY, u64 } from "./keys.ts";
import { KvLedgerReader } from "./kv-ledger-reader.ts";
import { KvLedgerWriter } from "./kv-ledger-writer.ts";
import { createLedgerParts, type LedgerCacheOptions } from "./ledger-parts.ts";
import type { LedgerReader } from "./reader.ts";
import { encodeStoreRecord, readStoreRecord, type StoreRecord } from "./store-record.ts";
import type { LedgerWriter } from "./writer.ts";

/** Whose ledger a store is to hold. */
export interface CreateLedgerOptions extends LedgerCacheOptions {
  /** The chain's rules; the profile's name is recorded. */
  readonly context: ChainContext;
  /** What the store trusts: an epoch-ending ledger info. */
  readonly waypoint: Waypoint;
  /** 32-byte value of the genesis waypoint, where it is known. That of a waypoint at version 0 is. */
  readonly chain?: Uint8Array;
}

/** How to open a store that exists. What is given beside the context is compared with what the store recorded. */
export interface OpenLedgerOptions extends LedgerCacheOptions {
  readonly context: ChainContext;
  /** A waypoint that the store must trust: its own, that of an epoch ending that it holds, any if a writer finds it empty. */
  readonly waypoint?: Waypoint;
  /** 32-byte value of the genesis waypoint that the store must belong to. */
  readonly chain?: Uint8Array;
}

/**
 * Creates a ledger without any version in an empty store, and opens it to write.
 *
 * @param kv Kept; closed with the writer.
 * @throws {SyncError} `STORAGE_CONFLICT` if the store holds a ledger already.
 * @throws {SyncError} `INVALID_ARGUMENT` if `chain` contradicts a waypoint at version 0.
 */
export async function createLedger(kv: OrderedKv, options: CreateLedgerOptions): Promise<LedgerWriter> {
  const record = recordOf(options, FIRST_GENERATION);
  const fence = u64(1n);
  await kv.commit([
    { put: STORE_RECORD_KEY, value: encodeStoreRecord(record) },
    { put: FENCE_KEY, value: fence },
    { put: createLedgerKeys(FIRST_GENERATION).head, value: encodeHeadRecord(EMPTY_HEAD) },
  ], { expect: [[STORE_RECORD_KEY, undefined]] });
  return new KvLedgerWriter(createLedgerParts(kv, { ...options, generation: record.generation }), { fence, record });
}

/**
 * Opens an existing ledger to read. Follows what another process commits.
 *
 * @param kv Kept; closed with the reader.
 * @throws {SyncError} `INVALID_ARGUMENT` if the store holds no ledger.
 * @throws {SyncError} `NETWORK_MISMATCH` if it is another chain's.
 */
export async function openLedgerReader(kv: OrderedKv, options: OpenLedgerOptions): Promise<LedgerReader> {
  const record = await requireRecord(kv);
  const reason = await mismatchOf(kv, record, options);
  if (reason !== undefined) throw mismatch(reason);
  return new KvLedgerReader(createLedgerParts(kv, { ...options, generation: record.generation }));
}

/**
 * Opens an existing ledger to write, and takes the place of any writer before: its commits conflict from now on.
 *
 * A ledger that nothing was ever verified for trusts what is given here, whatever it was created with: a waypoint that
 * was mistyped then names no chain, and keeping to it would make the store useless.
 *
 * @param kv Kept; closed with the writer.
 * @throws {SyncError} `INVALID_ARGUMENT` if the store holds no ledger.
 * @throws {SyncError} `NETWORK_MISMATCH` if it is another chain's.
 * @throws {SyncError} `STORAGE_CONFLICT` if another writer opens it at the same moment.
 */
export async function openLedgerWriter(kv: OrderedKv, options: OpenLedgerOptions): Promise<LedgerWriter> {
  const stored = await requireRecord(kv);
  const previous = await kv.get(FENCE_KEY);
  const fence = u64(previous === undefined ? 1n : readU64(previous, 0) + 1n);
  const { record, operations, expect } = await recordToWrite(kv, stored, options);
  await kv.commit([{ put: FENCE_KEY, value: fence }, ...operations], { expect: [[FENCE_KEY, previous], ...expect] });
  return new KvLedgerWriter(createLedgerParts(kv, { ...options, generation: record.generation }), { fence, record });
}

async function requireRecord(kv: OrderedKv): Promise<StoreRecord> {
  const record = await readStoreRecord(kv);
  if (record === undefined) throw new SyncError("INVALID_ARGUMENT", "Cannot open ledger: the store holds none");
  return record;
}

/** The record that a writer works by, and what it takes to store it where it is not the stored one. */
interface RecordToWrite {
  readonly record: StoreRecord;
  readonly operations: readonly KvOperation[];
  readonly expect: readonly KvExpectation[];
}

/** The stored record if it fits what is asked for; one made of that, if the ledger is empty. */
async function recordToWrite(kv: OrderedKv, stored: StoreRecord, options: OpenLedgerOptions): Promise<RecordToWrite> {
  const reason = await mismatchOf(kv, stored, options);
  if (reason === undefined) return { record: stored, operations: [], expect: [] };
  const { waypoint } = options;
  const { head } = createLedgerKeys(stored.generation);
  const empty = encodeHeadRecord(EMPTY_HEAD);
  const found = await kv.get(head);
  if (waypoint === undefined || found === undefined || !equalBytes(found, empty)) throw mismatch(reason);
  const record = recordOf({ ...options, waypoint }, stored.generation);
  return {
    record,
    operations: [{ put: STORE_RECORD_KEY, value: encodeStoreRecord(record) }],
    // The ledger must be empty still: another writer may have the place until the commit.
    expect: [[head, empty]],
  };
}

function recordOf(options: CreateLedgerOptions, generation: number): StoreRecord {
  const { waypoint, context } = options;
  return { profile: context.profile.name, chain: chainOf(waypoint, options.chain), waypoint, generation };
}

/** Why the store is another one than is asked for; `undefined` if it is the one. */
async function mismatchOf(kv: OrderedKv, record: StoreRecord, options: OpenLedgerOptions): Promise<string | undefined> {
  const { chain, waypoint, context } = options;
  const { name } = context.profile;
  if (record.profile !== name) return `the store is of profile ${record.profile}, profile ${name} is asked for`;
  if (chain !== undefined && !equalBytes(record.chain, ZERO_HASH) && !equalBytes(record.chain, chain)) {
    return "the store belongs to another genesis";
  }
  if (waypoint === undefined || await trusts(kv, context, { record, waypoint })) return undefined;
  return `the store trusts waypoint ${formatWaypoint(record.waypoint)}, ${formatWaypoint(waypoint)} is asked for`;
}

/** The store's own waypoint, or the waypoint of an epoch ending that it holds. */
async function trusts(
  kv: OrderedKv,
  context: ChainContext,
  { record, waypoint }: { readonly record: StoreRecord; readonly waypoint: Waypoint },
): Promise<boolean> {
  if (record.waypoint.version === waypoint.version) return equalBytes(record.waypoint.value, waypoint.value);
  const keys = createLedgerKeys(record.generation);
  const end = await epochEndAtOrAbove(kv, keys, waypoint.version);
  if (end?.version !== waypoint.version || end.epoch === undefined) return false;
  const ending = await readEpochEnding(kv, keys, { epoch: end.epoch, profile: context.profile });
  return ending !== undefined && equalBytes(waypointOf(context, ending.ledgerInfo).value, waypoint.value);
}

function chainOf(waypoint: Waypoint, given: Uint8Array | undefined): Uint8Array {
  const known = waypoint.version === 0n ? waypoint.value : given;
  const chain = given ?? known ?? ZERO_HASH;
  if (chain.length !== HASH_BYTES || (known !== undefined && !equalBytes(known, chain))) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      "Cannot create ledger: the chain is the 32-byte value of its genesis waypoint",
    );
  }
  return chain;
}

function mismatch(reason: string): SyncError {
  return new SyncError("NETWORK_MISMATCH", `Cannot open ledger: ${reason}`);
}
