/**
 * An ordered key-value store in memory: the reference implementation of the port, and the store of most tests.
 *
 * @module
 */
import { equalBytes } from "../../core/bytes/bytes.ts";
import { SyncError } from "../../core/errors.ts";
import { assertKvBatch, assertKvKey, assertKvLimit } from "../../core/ports/ordered-kv-check.ts";
import type { KvEntry, KvExpectation, KvOperation, KvRange, OrderedKv } from "../../core/ports/ordered-kv.ts";

/** What a memory store keeps, apart from the handles on it: outlives `close`, so a test can reopen it. */
export interface MemoryDisk {
  /** Value by key; a key is text of one character (0 to 255) a byte, which sorts as its bytes do. */
  readonly values: Map<string, Uint8Array>;
  /** All keys of `values`, ascending. */
  readonly keys: string[];
}

/** Creates an empty disk. */
export function createMemoryDisk(): MemoryDisk {
  return { values: new Map(), keys: [] };
}

/**
 * Opens a store in memory. Any number of handles may be open on one disk.
 *
 * @param disk Where the entries are; a fresh one if absent.
 */
export function createMemoryKv(disk: MemoryDisk = createMemoryDisk()): OrderedKv {
  return new MemoryKv(disk);
}

class MemoryKv implements OrderedKv {
  readonly #disk: MemoryDisk;
  #closed = false;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    assertKvKey(key);
    return this.#disk.values.get(keyText(key))?.slice();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen();
    for (const key of keys) assertKvKey(key);
    return keys.map((key) => this.#disk.values.get(keyText(key))?.slice());
  }

  async scan(range: KvRange, options: { limit: number; reverse?: boolean }): Promise<KvEntry[]> {
    this.#assertOpen();
    assertKvLimit(options.limit);
    const { keys, values } = this.#disk;
    const [from, to] = boundsOf(keys, range);
    const count = Math.min(options.limit, to - from);
    const found = options.reverse ? keys.slice(to - count, to).reverse() : keys.slice(from, from + count);
    return found.map((key) => ({ key: keyBytes(key), value: (values.get(key) as Uint8Array).slice() }));
  }

  async commit(
    batch: readonly KvOperation[],
    options?: { expect?: readonly KvExpectation[] },
  ): Promise<void> {
    this.#assertOpen();
    const expect = options?.expect ?? [];
    assertKvBatch(batch, expect);
    for (const [key, value] of expect) {
      const current = this.#disk.values.get(keyText(key));
      const holds = value === undefined ? current === undefined : current !== undefined && equalBytes(current, value);
      if (!holds) throw new SyncError("STORAGE_CONFLICT", "Cannot commit: the store has changed meanwhile");
    }
    for (const operation of batch) apply(this.#disk, operation);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new SyncError("STORAGE_FAILED", "Cannot use store: it is closed");
  }
}

function apply(disk: MemoryDisk, operation: KvOperation): void {
  if ("put" in operation) {
    const key = keyText(operation.put);
    if (!disk.values.has(key)) disk.keys.splice(lowerBound(disk.keys, key), 0, key);
    disk.values.set(key, operation.value.slice());
  } else if ("delete" in operation) {
    const key = keyText(operation.delete);
    if (disk.values.delete(key)) disk.keys.splice(lowerBound(disk.keys, key), 1);
  } else {
    const [from, to] = boundsOf(disk.keys, operation.deleteRange);
    for (const key of disk.keys.splice(from, to - from)) disk.values.delete(key);
  }
}

function boundsOf(keys: readonly string[], range: KvRange): [from: number, to: number] {
  const from = lowerBound(keys, keyText(range.first));
  return [from, Math.max(from, lowerBound(keys, keyText(range.next)))];
}

/** Index of the first key at or above `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  const last = keys.at(-1);
  if (last === undefined || last < key) return keys.length; // appends are the rule
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function keyText(key: Uint8Array): string {
  let text = "";
  for (const byte of key) text += String.fromCharCode(byte);
  return text;
}

function keyBytes(text: string): Uint8Array {
  const key = new Uint8Array(text.length);
  for (let i = 0; i < key.length; i++) key[i] = text.charCodeAt(i);
  return key;
}
