/**
 * The contract of `ports/hasher`: one suite that every implementation passes.
 *
 * @module
 */
import { describe, expect, it } from "vitest";
import { concatBytes, utf8Bytes } from "../../core/bytes/bytes.ts";
import { columnItem, encodeColumn } from "../../core/bytes/column.ts";
import { encodeHex } from "../../core/bytes/hex.ts";
import type { Hasher } from "../../core/ports/hasher.ts";
import { patternBytes } from "../helpers/bytes.ts";
import { referenceSha3 } from "../helpers/reference-sha3.ts";

/** SHA3-256 takes in 136 bytes at a time: lengths at which an implementation can go wrong. */
const LENGTHS = [0, 1, 31, 32, 33, 63, 64, 65, 71, 72, 73, 103, 104, 105, 135, 136, 137, 199, 200, 271, 272, 273, 1000];
const SEED_LENGTHS = [0, 1, 7, 8, 31, 32, 33, 63, 64];

/** FIPS 202 example values: https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values */
const KNOWN = [
  {
    name: "nothing",
    message: new Uint8Array(0),
    hash: "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
  },
  { name: "abc", message: utf8Bytes("abc"), hash: "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
  {
    name: "1600 bits of A3",
    message: new Uint8Array(200).fill(0xa3),
    hash: "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787",
  },
];

/**
 * Declares the suite.
 *
 * @param create Makes a fresh hasher for each test.
 */
export function hasherContract(name: string, create: () => Hasher): void {
  describe(`${name} keeps the contract of a hasher`, () => {
    it.each(KNOWN)("hashes $name as FIPS 202 does", ({ message, hash }) => {
      expect(encodeHex(create().hash(new Uint8Array(0), message))).toBe(hash);
    });

    it.each(SEED_LENGTHS)("hashes messages of every length behind a seed of %i bytes", (seedLength) => {
      const hasher = create();
      const seed = patternBytes(seedLength, 1);
      for (const length of LENGTHS) {
        const message = patternBytes(length, 2);
        expect(hasher.hash(seed, message)).toEqual(referenceSha3(concatBytes(seed, message)));
      }
    });

    it.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 33])("hashes %i pairs in one call as one by one", (count) => {
      const hasher = create();
      const seed = patternBytes(32, 3);
      const pairs = patternBytes(64 * count, 4);
      const one = Array.from({ length: count }, (_, i) => hasher.hash(seed, pairs.subarray(64 * i, 64 * i + 64)));
      expect(hasher.hashPairs(seed, pairs)).toEqual(concatBytes(...one));
    });

    it("hashes a column in one call as one by one, whatever its lengths", () => {
      const hasher = create();
      const seed = patternBytes(32, 5);
      const column = encodeColumn([...LENGTHS, ...LENGTHS.toReversed()].map((length, i) => patternBytes(length, i)));
      const one = Array.from({ length: column.count }, (_, i) => hasher.hash(seed, columnItem(column, i)));
      expect(hasher.hashColumn(seed, column)).toEqual(concatBytes(...one));
      expect(hasher.hashColumn(seed, encodeColumn([]))).toEqual(new Uint8Array(0));
    });

    it("hands out buffers of their own, and keeps and changes no argument", () => {
      const hasher = create();
      const seed = patternBytes(32, 6);
      const message = patternBytes(64, 7);
      const column = encodeColumn([message]);
      const before = [seed.slice(), message.slice(), column.bytes.slice()];
      const calls = [
        () => hasher.hash(seed, message),
        () => hasher.hashPairs(seed, message),
        () => hasher.hashColumn(seed, column),
      ];
      const firsts = calls.map((call) => call());
      expect([seed, message, column.bytes]).toEqual(before);
      const kept = firsts.map((hash) => hash.slice());
      seed.fill(0);
      message.fill(0);
      for (const call of calls) call().fill(0xff);
      expect(firsts).toEqual(kept);
    });

    it("reads views at any offset", () => {
      const hasher = create();
      const expected = referenceSha3(concatBytes(patternBytes(32, 8), patternBytes(64, 9)));
      for (let offset = 0; offset < 9; offset++) {
        const seed = shifted(patternBytes(32, 8), offset);
        const pair = shifted(patternBytes(64, 9), offset);
        expect(hasher.hash(seed, pair)).toEqual(expected);
        expect(hasher.hashPairs(seed, pair)).toEqual(expected);
      }
    });
  });
}

/** The same bytes as a view that starts at `offset` of a larger buffer. */
function shifted(bytes: Uint8Array, offset: number): Uint8Array {
  const buffer = new Uint8Array(bytes.length + offset + 3).fill(0xaa);
  buffer.set(bytes, offset);
  return buffer.subarray(offset, offset + bytes.length);
}
