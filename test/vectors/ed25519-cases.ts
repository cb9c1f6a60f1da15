/**
 * Makes the table of Ed25519 edge cases: signatures on which verifiers are known to disagree, and what ours must say.
 *
 * Where it can be done, a refused case is one that some lax verifier accepts: the equation holds (with the cofactor at
 * least), and only the rule that the case is named after stands against it. Deterministic: the same code, the same table.
 *
 * Source: RFC 8032 §7.1 (the `rfc8032` cases); Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020) for
 * what disagrees.
 *
 * @module
 */
import { getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, utf8Bytes } from "../../core/bytes/bytes.ts";
import { decodeHex, encodeHex } from "../../core/bytes/hex.ts";

hashes.sha512 = sha512;

/** One row of the table; byte strings as hex. */
export interface Ed25519EdgeCase {
  /** What the case is. */
  readonly name: string;
  readonly publicKey: string;
  readonly signature: string;
  readonly message: string;
  /** Whether it must be accepted. */
  readonly expected: boolean;
}

const { n: L, p: P } = Point.CURVE();
const ORDER_8 = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
const SECRET = decodeHex("07".repeat(32));
const MESSAGE = utf8Bytes("what the validators signed");

/** All rows. */
export function makeEd25519EdgeCases(): Ed25519EdgeCase[] {
  return [
    ...rfc8032Cases(),
    ...ordinaryCases(),
    ...lengthCases(),
    ...scalarCases(),
    ...smallOrderCases(),
    ...nonCanonicalCases(),
    ...mixedOrderCases(),
    ...offCurveCases(),
  ];
}

function rfc8032Cases(): Ed25519EdgeCase[] {
  // Public key, message and signature as the RFC prints them.
  const rows = [
    [
      "test 1",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "test 2",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "test 3",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
  ] as const;
  return rows.map(([name, publicKey, message, signature]) => ({
    name: `rfc8032 ${name}`,
    publicKey,
    signature,
    message,
    expected: true,
  }));
}

function ordinaryCases(): Ed25519EdgeCase[] {
  const key = getPublicKey(SECRET);
  const signature = sign(MESSAGE, SECRET);
  const long = new Uint8Array(1023).fill(0xa5);
  const signed = [0, 1, 2, 3].map((i) => {
    const secret = sha512(Uint8Array.of(i)).slice(0, 32);
    return row(`ordinary ${i}`, getPublicKey(secret), sign(MESSAGE, secret), true);
  });
  return [
    ...signed,
    row("ordinary, long message", key, sign(long, SECRET), true, long),
    row("wrong message", key, signature, false, utf8Bytes("what nobody signed")),
    row("wrong message: one byte short", key, signature, false, MESSAGE.slice(0, -1)),
    row("wrong key", getPublicKey(decodeHex("08".repeat(32))), signature, false),
    row("one bit of A", withBit(key, 3), signature, false),
    row("sign of A", withBit(key, 255), signature, false),
    row("one bit of R", key, withBit(signature, 3), false),
    row("sign of R", key, withBit(signature, 255), false),
    row("one bit of S", key, withBit(signature, 256), false),
    row("all zeros", new Uint8Array(32), new Uint8Array(64), false),
    row("all ones", new Uint8Array(32).fill(0xff), new Uint8Array(64).fill(0xff), false),
  ];
}

function lengthCases(): Ed25519EdgeCase[] {
  const key = getPublicKey(SECRET);
  const signature = sign(MESSAGE, SECRET);
  const zero = Uint8Array.of(0);
  const none = new Uint8Array(0);
  return [
    row("empty key", none, signature, false),
    row("empty signature", key, none, false),
    row("empty key and signature", none, none, false),
    row("key of 31 bytes", key.slice(0, 31), signature, false),
    row("key of 33 bytes", concatBytes(key, zero), signature, false),
    row("signature of 63 bytes", key, signature.slice(0, 63), false),
    row("signature of 65 bytes", key, concatBytes(signature, zero), false),
    row("signature of 32 bytes", key, signature.slice(0, 32), false),
  ];
}

function scalarCases(): Ed25519EdgeCase[] {
  const key = getPublicKey(SECRET);
  const signature = sign(MESSAGE, SECRET);
  const commitment = signature.slice(0, 32);
  const scalar = littleEndian(signature.slice(32));
  const withScalar = (name: string, value: bigint, expected = false) =>
    row(name, key, concatBytes(commitment, bytesOf(value)), expected);
  const largest = (2n ** 256n - 1n - scalar) / L;
  return [
    withScalar("S as signed", scalar, true),
    withScalar("S + L", scalar + L),
    withScalar("S + 2L", scalar + 2n * L),
    withScalar("S + 8L: over 255 bits", scalar + 8n * L),
    withScalar("the largest S + nL below 2^256", scalar + largest * L),
    withScalar("S = L", L),
    withScalar("S = L + 1", L + 1n),
    withScalar("S = L - 1", L - 1n),
    withScalar("S = 0", 0n),
    withScalar("S = 2^256 - 1", 2n ** 256n - 1n),
  ];
}

/** Keys and commitments of small order for which the equation holds. */
function smallOrderCases(): Ed25519EdgeCase[] {
  const secret = scalarOf("small order");
  const cases: Ed25519EdgeCase[] = [];
  for (let i = 0; i < 8; i++) {
    const torsion = multiple(ORDER_8, i);
    // A = T: R = r·B and S = r, for an r whose k annihilates T.
    const asKey = search((r) => {
      const signed = assemble(torsion.toBytes(), multiple(Point.BASE, r).toBytes(), (_k) => r);
      return multiple(torsion, signed.k).is0() ? signed.signature : undefined;
    });
    cases.push(row(`A of small order: ${i} times the generator of the torsion`, torsion.toBytes(), asKey, false));
    // R = T: the key gets a part of small order that makes up for it, under a message whose k allows it.
    const asCommitment = search((attempt, message) => {
      const part = multiple(ORDER_8, attempt % 8n);
      const key = multiple(Point.BASE, secret).add(part).toBytes();
      const signed = assemble(key, torsion.toBytes(), (k) => k * secret, message);
      return torsion.add(multiple(part, signed.k)).is0() ? { key, ...signed } : undefined;
    });
    cases.push(
      row(
        `R of small order: ${i} times the generator of the torsion`,
        asCommitment.key,
        asCommitment.signature,
        false,
        asCommitment.message,
      ),
    );
  }
  const identity = Point.ZERO.toBytes();
  cases.push(row("A and R of small order, S = 0", identity, concatBytes(identity, new Uint8Array(32)), false));
  return cases;
}

/** Second spellings of points, in keys and commitments that would satisfy a verifier that reads them. */
function nonCanonicalCases(): Ed25519EdgeCase[] {
  const secret = scalarOf("non-canonical");
  const key = multiple(Point.BASE, secret).toBytes();
  const spellings: [string, Uint8Array, Point][] = [
    ["p + 1 (identity)", bytesOf(P + 1n), Point.ZERO],
    ["p + 1, negative (identity)", withBit(bytesOf(P + 1n), 255), Point.ZERO],
    ["1, negative zero (identity)", withBit(bytesOf(1n), 255), Point.ZERO],
    ["p - 1, negative zero (order 2)", withBit(bytesOf(P - 1n), 255), multiple(ORDER_8, 4)],
    ["p (order 4)", bytesOf(P), Point.fromBytes(bytesOf(P), true)],
    ["p, negative (order 4)", withBit(bytesOf(P), 255), Point.fromBytes(withBit(bytesOf(P), 255), true)],
  ];
  const cases = spellings.flatMap(([name, encoding, point]) => {
    const asKey = search((r) => {
      const signed = assemble(encoding, multiple(Point.BASE, r).toBytes(), (_k) => r);
      return multiple(point, signed.k).is0() ? signed.signature : undefined;
    });
    const asCommitment = assemble(key, encoding, (k) => k * secret).signature;
    return [
      row(`A not canonical: y = ${name}`, encoding, asKey, false),
      row(`R not canonical: y = ${name}`, key, asCommitment, false),
    ];
  });
  // Of large order: y = p + 3 is on the curve. Nobody knows its secret, so no equation holds; the spelling alone is tested.
  for (let excess = 2n; excess < 19n; excess++) {
    const encoding = bytesOf(P + excess);
    if (!isOnCurve(encoding)) continue;
    cases.push(row(`A not canonical: y = p + ${excess}`, encoding, sign(MESSAGE, SECRET), false));
    const signature = assemble(key, encoding, (k) => k * secret).signature;
    cases.push(row(`R not canonical: y = p + ${excess}`, key, signature, false));
  }
  return cases;
}

/** Points with a part of small order: with the cofactor the equation always holds, without it only where the parts cancel. */
function mixedOrderCases(): Ed25519EdgeCase[] {
  const secret = scalarOf("mixed order");
  const nonce = scalarOf("mixed order nonce");
  const pure = multiple(Point.BASE, secret).toBytes();
  const mixed = multiple(Point.BASE, secret).add(ORDER_8).toBytes();
  const commitment = multiple(Point.BASE, nonce);
  const answer = (k: bigint) => nonce + k * secret;
  const only = (wanted: (k: bigint) => boolean, r: Uint8Array) =>
    search((_attempt, message) => {
      const signed = assemble(mixed, r, answer, message);
      return wanted(signed.k % 8n) ? signed : undefined;
    });
  const cancelled = only((k) => k === 0n, commitment.toBytes());
  const left = only((k) => k !== 0n, commitment.toBytes());
  const leftFour = only((k) => k === 4n, commitment.toBytes());
  const balancedBy = commitment.add(multiple(ORDER_8, 3)).toBytes();
  const balanced = only((k) => k === 5n, balancedBy);
  const unbalanced = only((k) => k !== 5n, balancedBy);
  const inCommitment = assemble(pure, commitment.add(ORDER_8).toBytes(), answer).signature;
  return [
    row("mixed A, k = 0 mod 8: holds without the cofactor", mixed, cancelled.signature, true, cancelled.message),
    row("mixed A: holds with the cofactor only", mixed, left.signature, false, left.message),
    row("mixed A, k = 4 mod 8: holds with the cofactor only", mixed, leftFour.signature, false, leftFour.message),
    row("mixed R: holds with the cofactor only", pure, inCommitment, false),
    row("mixed A and R that cancel: holds without the cofactor", mixed, balanced.signature, true, balanced.message),
    row("mixed A and R that do not cancel", mixed, unbalanced.signature, false, unbalanced.message),
  ];
}

function offCurveCases(): Ed25519EdgeCase[] {
  const secret = scalarOf("off the curve");
  const key = multiple(Point.BASE, secret).toBytes();
  const off = [2n, 7n, 8n, P - 2n].map((y) => bytesOf(y)).filter((encoding) => !isOnCurve(encoding));
  return off.flatMap((encoding, i) => [
    row(`A off the curve ${i}`, encoding, sign(MESSAGE, SECRET), false),
    row(`R off the curve ${i}`, key, assemble(key, encoding, (k) => k * secret).signature, false),
  ]);
}

interface Assembled {
  readonly signature: Uint8Array;
  readonly k: bigint;
  readonly message: Uint8Array;
}

/** A signature with commitment `r` whose scalar is `answer(k)`. */
function assemble(
  key: Uint8Array,
  r: Uint8Array,
  answer: (k: bigint) => bigint,
  message: Uint8Array = MESSAGE,
): Assembled {
  const k = littleEndian(sha512(concatBytes(r, key, message))) % L;
  return { signature: concatBytes(r, bytesOf(answer(k) % L)), k, message };
}

/** The first result of `attempt` over 1, 2, 3, …, each with a message of its own. */
function search<T>(attempt: (value: bigint, message: Uint8Array) => T | undefined): T {
  for (let value = 1n; value < 10_000n; value++) {
    const result = attempt(value, utf8Bytes(`attempt ${value}`));
    if (result !== undefined) return result;
  }
  throw new Error("No attempt succeeds");
}

function row(
  name: string,
  publicKey: Uint8Array,
  signature: Uint8Array,
  expected: boolean,
  message: Uint8Array = MESSAGE,
): Ed25519EdgeCase {
  return {
    name,
    publicKey: encodeHex(publicKey),
    signature: encodeHex(signature),
    message: encodeHex(message),
    expected,
  };
}

function multiple(point: Point, scalar: bigint | number): Point {
  return point.multiplyUnsafe(BigInt(scalar) % L);
}

function scalarOf(name: string): bigint {
  return littleEndian(sha512(utf8Bytes(name))) % L;
}

function isOnCurve(encoding: Uint8Array): boolean {
  try {
    Point.fromBytes(encoding, true);
    return true;
  } catch {
    return false;
  }
}

function withBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0, rest = value; i < 32; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}
