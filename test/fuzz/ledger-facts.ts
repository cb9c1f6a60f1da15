/**
 * What a ledger holds, as far as requests for it can be made from that.
 *
 * @module
 */
import { columnItem } from "../../core/bytes/column.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";

/** Facts about a ledger. */
export interface LedgerFacts {
  /** 32-byte genesis waypoint value. */
  readonly chain: Uint8Array;
  /** Newest version that is proven. */
  readonly lastVersion: bigint;
  /** Last version of each epoch that has ended, from epoch 0 on. */
  readonly epochEnds: readonly bigint[];
  /** Versions with a state of their own. */
  readonly checkpoints: readonly bigint[];
  /** Number of state values at the newest of them. */
  readonly stateCount: number;
  /** Hashes of state keys that have a value there. */
  readonly keyHashes: readonly Uint8Array[];
  /** Hashes of some transactions. */
  readonly transactionHashes: readonly Uint8Array[];
}

/** Enough to ask for any of them now and then. */
const MAX_HASHES = 500;

/** Reads the facts about a ledger that begins with genesis. */
export async function readLedgerFacts(reader: LedgerReader, context: ChainContext): Promise<LedgerFacts> {
  const { chain, committedVersion: lastVersion, epochEndings } = await reader.progress();
  if (lastVersion === undefined || epochEndings === undefined) throw new Error("Cannot fuzz a ledger that is empty");
  const endings = await reader.epochEndings(0n, Number(epochEndings.lastEpoch) + 1);
  const checkpoints = await checkpointsOf(reader, lastVersion);
  const newest = checkpoints.at(-1) as bigint;
  return {
    chain,
    lastVersion,
    epochEnds: endings.map(({ ledgerInfo }) => ledgerInfo.commitInfo.version),
    checkpoints,
    stateCount: Number(await reader.stateCount(newest)),
    keyHashes: await keyHashesOf(reader, newest),
    transactionHashes: await transactionHashesOf(reader, context, lastVersion),
  };
}

/** The epoch of `version`, as far as the epochs that have ended tell. */
export function epochOf({ epochEnds }: LedgerFacts, version: bigint): bigint {
  const epoch = epochEnds.findIndex((end) => version <= end);
  return BigInt(epoch < 0 ? epochEnds.length : epoch);
}

async function checkpointsOf(reader: LedgerReader, lastVersion: bigint): Promise<bigint[]> {
  const checkpoints: bigint[] = [];
  let version: bigint | undefined = lastVersion;
  while (version !== undefined) {
    version = await reader.checkpointAtOrBelow(version);
    if (version === undefined) break;
    checkpoints.unshift(version);
    if (version === 0n) break;
    version -= 1n;
  }
  return checkpoints;
}

async function keyHashesOf(reader: LedgerReader, version: bigint): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for await (const run of reader.stateRuns({ version, firstIndex: 0n, count: MAX_HASHES })) {
    for (let at = 0; at < run.keyHashes.length; at += 32) hashes.push(run.keyHashes.slice(at, at + 32));
  }
  return hashes;
}

async function transactionHashesOf(
  reader: LedgerReader,
  { hasher, seeds }: ChainContext,
  lastVersion: bigint,
): Promise<Uint8Array[]> {
  const hashes: Uint8Array[] = [];
  for (let version = 0n; version <= lastVersion && hashes.length < MAX_HASHES;) {
    const { transactions, count } = await reader.readChunk({ firstVersion: version, count: 100, maxBytes: 1 << 20 });
    for (let i = 0; i < count; i++) hashes.push(hasher.hash(seeds.transaction, columnItem(transactions, i)));
    version += BigInt(count);
  }
  return hashes;
}
