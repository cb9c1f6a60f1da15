/**
 * The newest state, kept in memory in front of a ledger, so that execution rarely waits for the store.
 *
 * @module
 */
import { type Column, columnItem } from "../../core/bytes/column.ts";
import { BcsCursor } from "../../core/chain/bcs.ts";
import type { ChainContext } from "../../core/chain/hash.ts";
import { hashStateKey } from "../../core/chain/state-key.ts";
import { DELETION, walkWriteSet } from "../../core/chain/write-set-walker.ts";
import type { LedgerReader } from "../../core/ledger/reader.ts";
import type { StateView } from "../../core/ports/executor.ts";
import { keyName } from "./move-resource.ts";

/** Values kept after {@link StateCache.trim}: some 400 bytes each, so 200 MB. */
const MAX_KEPT_VALUES = 500_000;

/** A view of the state after the write sets that were applied to it. */
export interface StateCache extends StateView {
  /** Adds write sets that are about to be committed. */
  apply(writeSets: Column): void;
  /** Forgets the oldest values above the bound. Call only when everything that was applied is committed. */
  trim(): void;
  /** Forgets everything: what was applied is not going to be committed. */
  reset(): void;
}

/**
 * Creates a cache.
 *
 * @param reader Where values are read that are not in memory: at its newest checkpoint.
 * @param options.isEmpty Whether the ledger holds nothing that will not be applied here; then what is not in memory is
 *   known to be absent, until something is forgotten.
 * @param options.maxValues Values that `trim` leaves.
 */
export function createStateCache(
  { context, reader }: { readonly context: ChainContext; readonly reader: LedgerReader },
  options: { readonly isEmpty: boolean; readonly maxValues?: number },
): StateCache {
  const values = new Map<string, Uint8Array | undefined>();
  const maxValues = options.maxValues ?? MAX_KEPT_VALUES;
  let isComplete = options.isEmpty;
  const fetch = async (stateKey: Uint8Array): Promise<Uint8Array | undefined> => {
    const { checkpointVersion } = await reader.progress();
    if (checkpointVersion === undefined) return undefined;
    return (await reader.stateValue(checkpointVersion, hashStateKey(context, stateKey))).stateValue;
  };
  return {
    async read(stateKeys) {
      const found: (Uint8Array | undefined)[] = [];
      for (const stateKey of stateKeys) {
        const name = keyName(stateKey);
        if (!isComplete && !values.has(name)) values.set(name, await fetch(stateKey));
        found.push(values.get(name));
      }
      return found;
    },
    apply(writeSets) {
      for (let i = 0; i < writeSets.count; i++) applyWriteSet(columnItem(writeSets, i), values);
    },
    trim() {
      for (const name of values.keys()) {
        if (values.size <= maxValues) return;
        values.delete(name);
        isComplete = false;
      }
    },
    reset() {
      values.clear();
      isComplete = false;
    },
  };
}

function applyWriteSet(writeSet: Uint8Array, values: Map<string, Uint8Array | undefined>): void {
  walkWriteSet(new BcsCursor(writeSet), (effect, keyStart, keyEnd, valueEnd) => {
    const name = keyName(writeSet.subarray(keyStart, keyEnd));
    // Written again, a value becomes the youngest.
    values.delete(name);
    if (effect === DELETION) {
      values.set(name, undefined);
      return;
    }
    const value = writeSet.slice(keyEnd, valueEnd);
    value[0] = effect;
    values.set(name, value);
  });
}
