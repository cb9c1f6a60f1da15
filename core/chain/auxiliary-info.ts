/**
 * Persisted auxiliary infos: what the executor was told about a transaction besides the transaction.
 *
 * @module
 */
import type { Column } from "../bytes/column.ts";
import { BcsCursor, encodeBcs } from "./bcs.ts";
import { type ChainContext, HASH_BYTES } from "./hash.ts";

/** A decoded auxiliary info. */
export type PersistedAuxiliaryInfo =
  | { readonly kind: "none" }
  | { readonly kind: "v1"; /** Index within the block, 0 to 2³² − 1. */ readonly transactionIndex: number }
  | {
    readonly kind: "unknown";
    readonly variant: number; /** All of it, variant included. */
    readonly bytes: Uint8Array;
  };

/** Hashes of auxiliary infos as transaction infos carry them. */
export interface AuxiliaryInfoHashes {
  /** 32·count bytes; zeros for `None`. */
  readonly hashes: Uint8Array;
  /** 1 for an auxiliary info that is hashed, 0 for `None`. */
  readonly has: Uint8Array;
}

const NONE = 0;
const V1 = 1;

/**
 * Decodes an auxiliary info that takes up all of `bytes`. One of a newer layout is carried as it is.
 *
 * @throws {SyncError} `MALFORMED_BCS` if `bytes` are not one.
 */
export function decodeAuxiliaryInfo(bytes: Uint8Array): PersistedAuxiliaryInfo {
  const cursor = new BcsCursor(bytes);
  const variant = cursor.uleb128();
  if (variant > V1) return { kind: "unknown", variant, bytes };
  const info: PersistedAuxiliaryInfo = variant === NONE
    ? { kind: "none" }
    : { kind: "v1", transactionIndex: cursor.u32() };
  cursor.end();
  return info;
}

/** BCS of an auxiliary info. */
export function encodeAuxiliaryInfo(info: PersistedAuxiliaryInfo): Uint8Array<ArrayBuffer> {
  if (info.kind === "unknown") return info.bytes.slice();
  return encodeBcs((writer) =>
    info.kind === "none" ? writer.uleb128(NONE) : writer.uleb128(V1).u32(info.transactionIndex)
  );
}

/**
 * Hashes auxiliary infos in one batch, for comparison with {@link file://./transaction-info-fields.ts}.
 *
 * @param infos BCS `PersistedAuxiliaryInfo` each. Not kept.
 * @throws {SyncError} `MALFORMED_BCS` if an item is not one and nothing else.
 */
export function hashAuxiliaryInfos(context: ChainContext, infos: Column): AuxiliaryInfoHashes {
  const { count, offsets, data } = infos;
  const has = new Uint8Array(count);
  const cursor = new BcsCursor(data);
  for (let i = 0; i < count; i++) {
    has[i] = skipAuxiliaryInfo(cursor, offsets[i + 1] as number);
    if (cursor.offset !== offsets[i + 1]) throw cursor.malformed(`auxiliary info ${i} is not as long as its item`);
  }
  const hashes = context.hasher.hashColumn(context.seeds.persistedAuxiliaryInfo, infos);
  for (let i = 0; i < count; i++) if (has[i] === 0) hashes.fill(0, i * HASH_BYTES, (i + 1) * HASH_BYTES);
  return { hashes, has };
}

/** Moves past the auxiliary info that ends at `end`; returns 1 if it is hashed, 0 for `None`. */
function skipAuxiliaryInfo(cursor: BcsCursor, end: number): 0 | 1 {
  const variant = cursor.uleb128();
  if (variant === NONE) return 0;
  if (variant === V1) cursor.skip(4);
  else cursor.skip(Math.max(0, end - cursor.offset));
  return 1;
}
