/**
 * What write sets do to the state, straight from the definition: decode everything, put it into a map, sort at the end.
 *
 * @module
 */
import { type Column, columnItems } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import { type ChainContext, ZERO_HASH } from "../../core/chain/hash.ts";
import { encodeStateKey, hashStateKey } from "../../core/chain/state-key.ts";
import { encodeStateValue } from "../../core/chain/state-value.ts";
import { decodeWriteSet, stateValueOf } from "../../core/chain/write-set.ts";

/** The last write of one key. */
export interface ReferenceUpdate {
  readonly keyHash: Uint8Array;
  readonly stateKey: Uint8Array;
  /** Empty for a deletion. */
  readonly stateValue: Uint8Array;
  readonly valueHash: Uint8Array;
  readonly version: bigint;
}

/** The last writes of all keys in `writeSets`, ascending by key hash. */
export function referenceStateUpdates(
  context: ChainContext,
  writeSets: readonly Column[],
  firstVersion: bigint,
): ReferenceUpdate[] {
  const { hasher, seeds } = context;
  const updates = new Map<string, ReferenceUpdate>();
  let version = firstVersion;
  for (const item of writeSets.flatMap(columnItems)) {
    for (const { key, op } of decodeWriteSet(item).entries) {
      const stateKey = encodeStateKey(key);
      const keyHash = hashStateKey(context, stateKey);
      const value = stateValueOf(op);
      const stateValue = value === undefined ? new Uint8Array(0) : encodeStateValue(value);
      const valueHash = value === undefined ? ZERO_HASH : hasher.hash(seeds.stateValue, stateValue);
      updates.set(encodeHex(keyHash), { keyHash, stateKey, stateValue, valueHash, version });
    }
    version++;
  }
  return [...updates.entries()].sort(([left], [right]) => left < right ? -1 : 1).map(([, update]) => update);
}
