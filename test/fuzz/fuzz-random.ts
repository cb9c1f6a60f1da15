/**
 * The fuzzer's source of chance: fast, seeded, and begun anew for each case, so that its draws depend on the seed and its number
 * alone. What is made of them may also depend on inputs that the case picks from.
 *
 * @module
 */
const TWO_32 = 0x1_0000_0000;

/** Draws. `sfc32` of Chris Doty-Humphrey (PractRand): small, fast, good enough to spread inputs. */
export class FuzzRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** The draws of case number `index` of a run. */
  constructor(seed: number, index: number) {
    this.#a = seed | 0;
    this.#b = index | 0;
    this.#c = Math.imul(seed ^ index, 0x9e37_79b1) | 0;
    for (let i = 0; i < 12; i++) this.u32();
  }

  /** Any number below 2³². */
  u32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Any whole number below `limit`, which is 1 to 2³². */
  below(limit: number): number {
    return Math.floor(this.u32() / TWO_32 * limit);
  }

  /** True with a probability of `percent` in a hundred. */
  chance(percent: number): boolean {
    return this.u32() / TWO_32 * 100 < percent;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Any bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.u32() >>> 24;
    return bytes;
  }

  /** Any u64: of any length, edges of the encodings and of arithmetic among them. */
  u64(): bigint {
    if (this.chance(40)) return this.pick(EDGES);
    const value = (BigInt(this.u32()) << 32n) | BigInt(this.u32());
    return value >> BigInt(this.below(64));
  }
}

const U64_MAX = 2n ** 64n - 1n;

const EDGES: readonly bigint[] = [
  ...[0n, 1n, 23n, 24n, 255n, 256n, 65_535n, 65_536n],
  ...[2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n],
  ...[U64_MAX - 1n, U64_MAX],
];
