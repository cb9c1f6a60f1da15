/**
 * A flat table of the last write of each key, by where its bytes are.
 *
 * @module
 */
import { Uint32List } from "../bytes/uint32-list.ts";
import { keyCode } from "./key-code.ts";
import type { WriteEffect } from "./write-set-walker.ts";

/** The last write of each key, numbered in the order in which the keys were first met. */
export interface LastWrites {
  /** Number of keys. A key that the table gave up on counts again each time it is written. */
  readonly count: number;
  /** Records a write that comes after all recorded so far. Offsets are those of source `source`. */
  put(source: number, item: number, effect: WriteEffect, keyStart: number, keyEnd: number, valueEnd: number): void;
  /** Source of the key, an index into the sources given. */
  source(write: number): number;
  /** Offset of the key in its source. */
  keyStart(write: number): number;
  /** Offset behind the key in its source. */
  keyEnd(write: number): number;
  /** Source of the last change. */
  valueSource(write: number): number;
  /** Offset of the last change: its variant byte. */
  valueStart(write: number): number;
  /** Offset behind the last change. */
  valueEnd(write: number): number;
  /** What the last change does. */
  effect(write: number): WriteEffect;
  /** Number of the write set of the last change, as given to `put`. */
  item(write: number): number;
}

/**
 * Most places looked at for one key. Keys can be chosen to meet in the table; past this many the key is recorded again
 * instead, which costs a hash and not a search.
 */
const MAX_PROBES = 32;

/** Fields of one write. */
const SOURCE = 0;
const KEY_START = 1;
const KEY_END = 2;
const VALUE_SOURCE = 3;
const VALUE_START = 4;
const VALUE_END = 5;
const EFFECT = 6;
const ITEM = 7;
const KEY_CODE = 8;
const FIELDS = 9;

/**
 * Creates an empty table.
 *
 * @param sources The bytes that offsets refer to. Kept, not changed.
 */
export function createLastWrites(sources: readonly Uint8Array[]): LastWrites {
  const records = new Uint32List();
  /** Number of a write plus one; 0 = free. A power of two long, at most half full. */
  let slots = new Uint32Array(1024);
  const field = (write: number, name: number) => records.at(write * FIELDS + name);
  const count = () => records.length / FIELDS;

  function find(code: number, source: Uint8Array, start: number, end: number): number {
    const mask = slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = slots[(code + probe) & mask] as number;
      if (slot === 0) return -1;
      const write = slot - 1;
      if (field(write, KEY_CODE) !== code) continue;
      const known = sources[field(write, SOURCE)] as Uint8Array;
      if (equalRanges(known, field(write, KEY_START), field(write, KEY_END), source, start, end)) return write;
    }
    return -1;
  }

  function occupy(code: number, write: number): void {
    const mask = slots.length - 1;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const place = (code + probe) & mask;
      if (slots[place] !== 0) continue;
      slots[place] = write + 1;
      return;
    }
  }

  function grow(): void {
    slots = new Uint32Array(2 * slots.length);
    for (let write = 0; write < count(); write++) occupy(field(write, KEY_CODE), write);
  }

  return {
    get count() {
      return count();
    },
    put(source, item, effect, keyStart, keyEnd, valueEnd) {
      const bytes = sources[source] as Uint8Array;
      const code = keyCode(bytes, keyStart, keyEnd);
      let write = find(code, bytes, keyStart, keyEnd);
      if (write < 0) {
        write = count();
        if (2 * write >= slots.length) grow();
        for (let i = 0; i < FIELDS; i++) records.push(0);
        records.set(write * FIELDS + SOURCE, source);
        records.set(write * FIELDS + KEY_START, keyStart);
        records.set(write * FIELDS + KEY_END, keyEnd);
        records.set(write * FIELDS + KEY_CODE, code);
        occupy(code, write);
      }
      records.set(write * FIELDS + VALUE_SOURCE, source);
      records.set(write * FIELDS + VALUE_START, keyEnd);
      records.set(write * FIELDS + VALUE_END, valueEnd);
      records.set(write * FIELDS + EFFECT, effect);
      records.set(write * FIELDS + ITEM, item);
    },
    source: (write) => field(write, SOURCE),
    keyStart: (write) => field(write, KEY_START),
    keyEnd: (write) => field(write, KEY_END),
    valueSource: (write) => field(write, VALUE_SOURCE),
    valueStart: (write) => field(write, VALUE_START),
    valueEnd: (write) => field(write, VALUE_END),
    effect: (write) => field(write, EFFECT) as WriteEffect,
    item: (write) => field(write, ITEM),
  };
}

function equalRanges(
  left: Uint8Array,
  leftStart: number,
  leftEnd: number,
  right: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (leftEnd - leftStart !== end - start) return false;
  for (let i = start, j = leftStart; i < end; i++, j++) if (left[j] !== right[i]) return false;
  return true;
}
