/**
 * Walks a write set with every check of its decoder, making no object per change.
 *
 * @module
 */
import type { BcsCursor } from "./bcs.ts";
import { skipByteString } from "./bcs-skip.ts";
import { skipStateKey } from "./state-key.ts";
import { skipStateValueMetadata } from "./state-value.ts";
import { unsupportedVariant } from "./unsupported-variant.ts";
import { readHotKeys } from "./write-set.ts";

/** What a change does to the state: the variant of the state value it leaves, or a deletion. */
export type WriteEffect = typeof PLAIN_VALUE | typeof VALUE_WITH_METADATA | typeof DELETION;

/** The change leaves a value without metadata. Also the variant index of such a state value. */
export const PLAIN_VALUE = 0;
/** The change leaves a value with metadata. Also the variant index of such a state value. */
const VALUE_WITH_METADATA = 1;
/** The change removes the key. */
export const DELETION = 2;

/**
 * Called for each change, in order of the keys. Offsets are those of the cursor's bytes.
 *
 * @param keyStart The BCS of the key is `[keyStart .. keyEnd)`.
 * @param valueEnd The BCS of the state value is the byte `effect` followed by `[keyEnd + 1 .. valueEnd)`.
 */
export type WriteVisitor = (effect: WriteEffect, keyStart: number, keyEnd: number, valueEnd: number) => void;

const EFFECTS: readonly WriteEffect[] = [
  PLAIN_VALUE,
  PLAIN_VALUE,
  DELETION,
  VALUE_WITH_METADATA,
  VALUE_WITH_METADATA,
  DELETION,
];
const DELETION_WITH_METADATA = 5;

/**
 * Walks one `WriteSet` and tells `visit` of each change.
 *
 * @returns Number of changes.
 * @throws {SyncError} `MALFORMED_BCS` if the bytes are not a canonical write set; `UNSUPPORTED` if it is of a layout or has
 *   extensions that this build does not know. `visit` has been called for what came before.
 */
export function walkWriteSet(cursor: BcsCursor, visit: WriteVisitor): number {
  const version = cursor.uleb128();
  if (version > 1) throw unsupportedVariant("WriteSet", version);
  const count = cursor.length(3);
  let previousStart = 0;
  let previousEnd = 0;
  for (let i = 0; i < count; i++) {
    const keyStart = cursor.offset;
    skipStateKey(cursor);
    const keyEnd = cursor.offset;
    if (i > 0 && !ascends(cursor.bytes, previousStart, previousEnd, keyStart, keyEnd)) {
      cursor.offset = keyStart;
      throw cursor.malformed("map keys are not strictly ascending");
    }
    const op = cursor.variant(EFFECTS.length, "WriteOp");
    const effect = EFFECTS[op] as WriteEffect;
    if (effect !== DELETION) skipByteString(cursor);
    if (effect === VALUE_WITH_METADATA || op === DELETION_WITH_METADATA) skipStateValueMetadata(cursor);
    visit(effect, keyStart, keyEnd, cursor.offset);
    previousStart = keyStart;
    previousEnd = keyEnd;
  }
  if (version === 1) readHotKeys(cursor);
  return count;
}

/** Tells whether `[start .. end)` comes after `[previousStart .. previousEnd)`. */
function ascends(bytes: Uint8Array, previousStart: number, previousEnd: number, start: number, end: number): boolean {
  const length = Math.min(previousEnd - previousStart, end - start);
  for (let i = 0; i < length; i++) {
    const difference = (bytes[start + i] as number) - (bytes[previousStart + i] as number);
    if (difference !== 0) return difference > 0;
  }
  return end - start > previousEnd - previousStart;
}
