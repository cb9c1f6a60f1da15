/**
 * SHA3-256 straight from FIPS 202: bits of a 5 × 5 array of 64-bit lanes as bigints, one step mapping a line. Slow on purpose.
 *
 * @module
 */

const MASK = (1n << 64n) - 1n;
const RATE_BYTES = 136;
const ROUNDS = 24;

/** 32-byte SHA3-256 of `message`. */
export function referenceSha3(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  let lanes: bigint[] = Array.from({ length: 25 }, () => 0n);
  for (let block = 0; block < padded.length; block += RATE_BYTES) {
    for (let i = 0; i < RATE_BYTES; i++) {
      lanes[i >> 3] = lanes[i >> 3]! ^ (BigInt(padded[block + i]!) << BigInt(8 * (i & 7)));
    }
    for (let round = 0; round < ROUNDS; round++) lanes = step(lanes, round);
  }
  return Uint8Array.from({ length: 32 }, (_, i) => Number((lanes[i >> 3]! >> BigInt(8 * (i & 7))) & 0xffn));
}

/** The two bits 01 of SHA-3, then pad10*1: Keccak-256 lacks the 01 and gives other hashes. */
function pad(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array((Math.floor(message.length / RATE_BYTES) + 1) * RATE_BYTES);
  padded.set(message);
  padded[message.length]! ^= 0x06;
  padded[padded.length - 1]! ^= 0x80;
  return padded;
}

function step(a: bigint[], round: number): bigint[] {
  const at = (x: number, y: number) => ((x + 5) % 5) + 5 * ((y + 5) % 5);
  const column = (x: number) => [0, 1, 2, 3, 4].reduce((sum, y) => sum ^ a[at(x, y)]!, 0n);
  const theta = a.map((lane, i) => lane ^ column((i % 5) - 1) ^ rotate(column((i % 5) + 1), 1));
  const pi = a.slice();
  let [x, y] = [1, 0];
  pi[0] = theta[0]!;
  for (let t = 0; t < ROUNDS; t++) {
    const rotated = rotate(theta[at(x, y)]!, ((t + 1) * (t + 2)) / 2);
    [x, y] = [y, (2 * x + 3 * y) % 5];
    pi[at(x, y)] = rotated;
  }
  const chi = pi.map((lane, i) => {
    const row = Math.floor(i / 5);
    return lane ^ (~pi[at((i % 5) + 1, row)]! & MASK & pi[at((i % 5) + 2, row)]!);
  });
  chi[0] = chi[0]! ^ roundConstant(round);
  return chi;
}

function rotate(lane: bigint, by: number): bigint {
  const shift = BigInt(by % 64);
  return ((lane << shift) | (lane >> (64n - shift))) & MASK;
}

/** rc(t) is bit 0 of an LFSR over x⁸ + x⁶ + x⁵ + x⁴ + 1 after t steps. */
function roundConstant(round: number): bigint {
  let constant = 0n;
  for (let j = 0; j <= 6; j++) {
    if (lfsrBit(j + 7 * round) === 1) constant |= 1n << BigInt(2 ** j - 1);
  }
  return constant;
}

function lfsrBit(steps: number): number {
  let register = 1;
  for (let i = 0; i < steps % 255; i++) {
    register <<= 1;
    if (register & 0x100) register ^= 0x171;
  }
  return register & 1;
}
