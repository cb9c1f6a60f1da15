/**
 * Flips single bits of a genesis file and looks at what becomes of it.
 *
 * @module
 */
import { createChainContext } from "../../core/chain/hash.ts";
import { APTOS_PROFILE } from "../../core/chain/profile.ts";
import { isSyncError, type SyncErrorCode } from "../../core/errors.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import { verifyGenesis } from "../../core/trust/genesis.ts";
import type { Waypoint } from "../../core/trust/waypoint.ts";
import { replayingHasher } from "./replaying-hasher.ts";

/** What became of a file with one bit flipped. */
export type Verdict = SyncErrorCode | "ACCEPTED";

/**
 * Flips each of `bits` in turn.
 *
 * @param waypoint The one that the unchanged file has.
 * @param equal Compares byte strings faster than a loop.
 * @returns The bits by what became of them.
 * @throws What is no `SyncError`.
 */
export function flipGenesisBits(
  input: { readonly blob: Uint8Array; readonly waypoint: Waypoint; readonly bits: Iterable<number> },
  hasher: Hasher,
  equal?: (left: Uint8Array, right: Uint8Array) => boolean,
): Map<Verdict, number[]> {
  const replaying = replayingHasher(hasher, equal);
  const context = createChainContext(APTOS_PROFILE, replaying);
  replaying.begin();
  verifyGenesis(context, input.blob, input.waypoint);
  const verdicts = new Map<Verdict, number[]>();
  const blob = input.blob.slice();
  for (const bit of input.bits) {
    replaying.rewind();
    flip(blob, bit);
    const verdict = verdictOn(() => verifyGenesis(context, blob, input.waypoint));
    flip(blob, bit);
    verdicts.set(verdict, [...verdicts.get(verdict) ?? [], bit]);
  }
  return verdicts;
}

/** Every bit of the first and the last `edgeBytes` bytes, and `count` bits in between: one drawn from each of as many equal parts. */
export function sampleBits(byteLength: number, edgeBytes: number, count: number): number[] {
  const bits: number[] = [];
  const edge = 8 * edgeBytes;
  const total = 8 * byteLength;
  for (let i = 0; i < edge; i++) bits.push(i, total - 1 - i);
  let state = 20_221_012;
  const part = (total - 2 * edge) / count;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bits.push(edge + Math.floor(part * (i + state / 2 ** 32)));
  }
  return bits;
}

/** Flips a bit in place: a copy for each would take longer than reading it. */
function flip(bytes: Uint8Array, bit: number): void {
  bytes[bit >> 3]! ^= 1 << (bit & 7);
}

function verdictOn(run: () => unknown): Verdict {
  try {
    run();
    return "ACCEPTED";
  } catch (error) {
    if (isSyncError(error)) return error.code;
    throw error;
  }
}
