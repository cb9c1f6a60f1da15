/**
 * What every {@link OrderedKv} refuses before it touches its backend, in one place so that adapters agree.
 *
 * @module
 */
import { SyncError } from "../errors.ts";
import { type KvExpectation, type KvOperation, MAX_KEY_BYTES, MAX_VALUE_BYTES } from "./ordered-kv.ts";

/**
 * Refuses keys that no store accepts.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` unless `key` has 1 to {@link MAX_KEY_BYTES} bytes.
 */
export function assertKvKey(key: Uint8Array): void {
  if (key.length === 0 || key.length > MAX_KEY_BYTES) {
    throw new SyncError(
      "INVALID_ARGUMENT",
      `Cannot use key: 1 to ${MAX_KEY_BYTES} bytes, current length is ${key.length}`,
    );
  }
}

/**
 * Refuses scan limits that ask for nothing.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` unless `limit` is a positive integer.
 */
export function assertKvLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new SyncError("INVALID_ARGUMENT", `Cannot scan: limit is at least 1, current value is ${limit}`);
  }
}

/**
 * Refuses a batch with anything in it that no store accepts.
 *
 * @throws {SyncError} `INVALID_ARGUMENT` if a key or a value is too long, or a key empty.
 */
export function assertKvBatch(batch: readonly KvOperation[], expect: readonly KvExpectation[]): void {
  for (const operation of batch) {
    if ("put" in operation) {
      assertKvKey(operation.put);
      if (operation.value.length > MAX_VALUE_BYTES) {
        throw new SyncError(
          "INVALID_ARGUMENT",
          `Cannot store value: at most ${MAX_VALUE_BYTES} bytes, current length is ${operation.value.length}`,
        );
      }
    } else if ("delete" in operation) assertKvKey(operation.delete);
  }
  for (const [key] of expect) assertKvKey(key);
}
