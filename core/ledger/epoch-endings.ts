/**
 * Reading stored epoch endings. They never change once written.
 *
 * @module
 */
import { decodeLedgerInfoWithSignatures, type LedgerInfoWithSignatures } from "../chain/ledger-info.ts";
import type { ChainProfile } from "../chain/profile.ts";
import { SyncError } from "../errors.ts";
import type { OrderedKv } from "../ports/ordered-kv.ts";
import { keysBetween, type LedgerKeys, readU64 } from "./keys.ts";

/** Where an epoch's last version and its number are in keys and values. */
const NUMBER_OFFSET = 2;
const MAX_U64 = 2n ** 64n - 1n;

/** The last version of an epoch. */
export interface EpochEnd {
  readonly version: bigint;
  /** Number of the epoch; `undefined` where no stored ledger info says so. */
  readonly epoch: bigint | undefined;
}

/** The last version of the epoch that `version` is in, or `undefined` if no end at or above it is stored. */
export async function epochEndAtOrAbove(
  kv: OrderedKv,
  keys: LedgerKeys,
  version: bigint,
): Promise<EpochEnd | undefined> {
  const [entry] = await kv.scan(keysBetween(keys.epochEnd(version), keys.epochEnd(MAX_U64)), { limit: 1 });
  if (entry === undefined) return undefined;
  return {
    version: readU64(entry.key, NUMBER_OFFSET),
    epoch: entry.value.length === 0 ? undefined : readU64(entry.value, 0),
  };
}

/** The ledger info that ends `epoch`, or `undefined`. */
export async function readEpochEnding(
  kv: OrderedKv,
  keys: LedgerKeys,
  wanted: { readonly epoch: bigint; readonly profile: ChainProfile },
): Promise<LedgerInfoWithSignatures | undefined> {
  const bytes = await kv.get(keys.epochEnding(wanted.epoch));
  return bytes === undefined ? undefined : decodeStored(bytes, wanted.profile);
}

/** The ledger infos that end `count` epochs from `firstEpoch` on, as far as they are stored without a gap. */
export async function readEpochEndings(
  kv: OrderedKv,
  keys: LedgerKeys,
  wanted: { readonly firstEpoch: bigint; readonly count: number; readonly profile: ChainProfile },
): Promise<LedgerInfoWithSignatures[]> {
  const range = keysBetween(keys.epochEnding(wanted.firstEpoch), keys.epochEnding(MAX_U64));
  const entries = await kv.scan(range, { limit: wanted.count });
  const gap = entries.findIndex((entry, i) => readU64(entry.key, NUMBER_OFFSET) !== wanted.firstEpoch + BigInt(i));
  return (gap < 0 ? entries : entries.slice(0, gap)).map((entry) => decodeStored(entry.value, wanted.profile));
}

/** Lowest epoch from which on all endings up to that of `epoch` are stored. */
export async function firstOfUnbroken(kv: OrderedKv, keys: LedgerKeys, epoch: bigint): Promise<bigint> {
  let first = epoch;
  while (first > 0n && (await kv.get(keys.epochEnding(first - 1n))) !== undefined) first -= 1n;
  return first;
}

/**
 * Decodes a ledger info that this store holds.
 *
 * @throws {SyncError} `STORAGE_CORRUPT` if it is not one.
 */
export function decodeStored(bytes: Uint8Array, profile: ChainProfile): LedgerInfoWithSignatures {
  try {
    return decodeLedgerInfoWithSignatures(bytes, profile);
  } catch (error) {
    throw new SyncError("STORAGE_CORRUPT", "Cannot read ledger info: its bytes are broken", { cause: error });
  }
}
