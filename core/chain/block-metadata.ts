/**
 * Block metadata: the transaction that begins a block.
 *
 * @module
 */
import { ADDRESS_BYTES } from "./address.ts";
import type { BcsCursor, BcsWriter } from "./bcs.ts";
import { HASH_BYTES } from "./hash.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** The transaction that begins a block. */
export interface BlockMetadata {
  /** 32-byte block id. */
  readonly id: Uint8Array;
  readonly epoch: bigint;
  readonly round: bigint;
  /** 32-byte address. */
  readonly proposer: Uint8Array;
  /** Which validators voted for the block before. */
  readonly previousBlockVotes: Uint8Array;
  /** Indexes of validators that failed to propose, 0 to 2³² − 1. */
  readonly failedProposerIndices: readonly number[];
  /** Microseconds since 1970. */
  readonly timestampUsecs: bigint;
}

/** Randomness that the validators made together. */
interface Randomness {
  readonly epoch: bigint;
  readonly round: bigint;
  readonly randomness: Uint8Array;
}

/** Block metadata that may carry randomness. */
export type BlockMetadataExt =
  | { readonly kind: "v0"; readonly metadata: BlockMetadata }
  | { readonly kind: "v1"; readonly metadata: BlockMetadata; readonly randomness?: Randomness | undefined };

/**
 * Reads a `BlockMetadata`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one.
 */
export function readBlockMetadata(cursor: BcsCursor): BlockMetadata {
  return {
    id: cursor.raw(HASH_BYTES),
    epoch: cursor.u64(),
    round: cursor.u64(),
    proposer: cursor.raw(ADDRESS_BYTES),
    previousBlockVotes: cursor.byteString(),
    failedProposerIndices: cursor.sequence((inner) => inner.u32(), 4),
    timestampUsecs: cursor.u64(),
  };
}

/** Writes a `BlockMetadata`. */
export function writeBlockMetadata(writer: BcsWriter, metadata: BlockMetadata): void {
  writer.raw(metadata.id).u64(metadata.epoch).u64(metadata.round).raw(metadata.proposer);
  writer.byteString(metadata.previousBlockVotes);
  writer.sequence(metadata.failedProposerIndices, (inner, index) => inner.u32(index)).u64(metadata.timestampUsecs);
}

/**
 * Reads a `BlockMetadataExt`. Byte strings are views.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its layout.
 */
export function readBlockMetadataExt(cursor: BcsCursor): BlockMetadataExt {
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("BlockMetadataExt", variant);
  const metadata = readBlockMetadata(cursor);
  if (variant === 0) return { kind: "v0", metadata };
  return { kind: "v1", metadata, randomness: cursor.option(readRandomness) };
}

/** Writes a `BlockMetadataExt`. */
export function writeBlockMetadataExt(writer: BcsWriter, ext: BlockMetadataExt): void {
  writeBlockMetadata(writer.uleb128(ext.kind === "v0" ? 0 : 1), ext.metadata);
  if (ext.kind === "v0") return;
  writer.option(ext.randomness, (inner, { epoch, round, randomness }) => {
    inner.u64(epoch).u64(round).byteString(randomness);
  });
}

function readRandomness(cursor: BcsCursor): Randomness {
  return { epoch: cursor.u64(), round: cursor.u64(), randomness: cursor.byteString() };
}
