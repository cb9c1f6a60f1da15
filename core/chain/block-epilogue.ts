/**
 * Block epilogues: the transaction that ends a block.
 *
 * @module
 */
import { type BcsCursor, type BcsWriter, encodeBcs } from "./bcs.ts";
import { HASH_BYTES } from "./hash.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";

/** The transaction that ends a block. */
export interface BlockEpilogue {
  /** 32-byte block id. */
  readonly blockId: Uint8Array;
  readonly end: BlockEndInfo;
  /** Octas that each validator earns, by validator index, ascending by serialized index; present makes it V1. */
  readonly fees?: readonly ValidatorFee[] | undefined;
}

/** How full a block was. */
interface BlockEndInfo {
  readonly gasLimitReached: boolean;
  readonly outputLimitReached: boolean;
  readonly effectiveGasUnits: bigint;
  /** Bytes. */
  readonly approximateOutputSize: bigint;
}

/** What one validator earns. */
interface ValidatorFee {
  readonly validatorIndex: bigint;
  readonly octas: bigint;
}

/**
 * Reads a `BlockEpiloguePayload`. The block id is a view.
 *
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not one; `UNSUPPORTED` if this build does not know its layout.
 */
export function readBlockEpilogue(cursor: BcsCursor): BlockEpilogue {
  const variant = cursor.uleb128();
  if (variant > 1) throw unsupportedVariant("BlockEpiloguePayload", variant);
  const blockId = cursor.raw(HASH_BYTES);
  const end = readBlockEndInfo(cursor);
  return variant === 0 ? { blockId, end } : { blockId, end, fees: readFees(cursor) };
}

/**
 * Writes a `BlockEpiloguePayload`.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if two fees have the same index.
 */
export function writeBlockEpilogue(writer: BcsWriter, epilogue: BlockEpilogue): void {
  const { end, fees } = epilogue;
  writer.uleb128(fees === undefined ? 0 : 1).raw(epilogue.blockId);
  writer.uleb128(0).bool(end.gasLimitReached).bool(end.outputLimitReached);
  writer.u64(end.effectiveGasUnits).u64(end.approximateOutputSize);
  if (fees === undefined) return;
  const u64 = (value: bigint) => encodeBcs((inner) => inner.u64(value));
  writer.uleb128(0).map(fees.map(({ validatorIndex, octas }) => [u64(validatorIndex), u64(octas)] as const));
}

function readBlockEndInfo(cursor: BcsCursor): BlockEndInfo {
  const variant = cursor.uleb128();
  if (variant !== 0) throw unsupportedVariant("BlockEndInfo", variant);
  return {
    gasLimitReached: cursor.bool(),
    outputLimitReached: cursor.bool(),
    effectiveGasUnits: cursor.u64(),
    approximateOutputSize: cursor.u64(),
  };
}

function readFees(cursor: BcsCursor): ValidatorFee[] {
  const variant = cursor.uleb128();
  if (variant !== 0) throw unsupportedVariant("FeeDistribution", variant);
  return cursor.map((inner) => inner.u64(), (inner) => inner.u64())
    .map(([validatorIndex, octas]) => ({ validatorIndex, octas }));
}
