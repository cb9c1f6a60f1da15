/**
 * Which Ed25519 signatures this project accepts: rules of its own, then the cofactorless equation.
 *
 * Runtimes disagree on the edges (small-order keys, non-canonical encodings, multiplying by the cofactor), and a ledger
 * that is valid in one runtime only is no ledger. So the edges are cut off here, before any backend, and what is left for a
 * backend is one equation on which all agree. The rules are those of `verify_strict` in ed25519-dalek, which the chain uses.
 *
 * Source: RFC 8032 §5.1; formats §6.8; Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020).
 * Pure: no I/O, no clock, no randomness.
 *
 * @module
 */
import { decodeHex } from "../bytes/hex.ts";

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const POINT_BYTES = 32;

/** L, the order of the prime-order subgroup: 2²⁵² + 27742317777372353535851937790883648493, little-endian. */
const GROUP_ORDER = /* @__PURE__ */ decodeHex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
/** p, the order of the field: 2²⁵⁵ − 19, little-endian. */
const FIELD_ORDER = /* @__PURE__ */ decodeHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

/**
 * The canonical y of every point whose order divides 8, little-endian; the sign bit is left out, so each row stands for
 * both signs. The rows with x = 0 (y = ±1) cover "negative zero" as well.
 */
const SMALL_ORDER_Y: readonly Uint8Array[] = /* @__PURE__ */ [
  "0100000000000000000000000000000000000000000000000000000000000000", // order 1: y = 1
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2: y = −1
  "0000000000000000000000000000000000000000000000000000000000000000", // order 4: y = 0
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
].map((hex) => decodeHex(hex, POINT_BYTES));

/**
 * Decides the cofactorless equation encode(S·B − k·A) = R with k = SHA-512(R ‖ A ‖ message) mod L, for arguments that
 * passed {@link isEd25519Acceptable}; what it says about others is never asked.
 */
export interface Ed25519Equation {
  /**
   * Tells whether the equation holds. False, not an error, where A is not a point of the curve.
   *
   * @param publicKey A: 32 bytes, canonical.
   * @param signature R ‖ S: 64 bytes, R canonical and S < L.
   */
  holds(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean>;
}

/**
 * Tells whether a key and a signature pass the rules that come before the equation: 32 and 64 bytes, S < L, A and R
 * canonical (y < p, no negative zero), neither A nor R of small order. Whether they are points at all is the equation's
 * business.
 */
export function isEd25519Acceptable(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return publicKey.length === PUBLIC_KEY_BYTES && signature.length === SIGNATURE_BYTES &&
    isLess(signature.subarray(POINT_BYTES), GROUP_ORDER) &&
    isAcceptablePoint(publicKey) && isAcceptablePoint(signature.subarray(0, POINT_BYTES));
}

function isAcceptablePoint(encoding: Uint8Array): boolean {
  const y = encoding.slice();
  y[POINT_BYTES - 1] = (y[POINT_BYTES - 1] as number) & 0x7f;
  return isLess(y, FIELD_ORDER) && !SMALL_ORDER_Y.some((small) => small.every((byte, i) => byte === y[i]));
}

/** left < right, both little-endian and of the same length. */
function isLess(left: Uint8Array, right: Uint8Array): boolean {
  for (let i = right.length - 1; i >= 0; i--) {
    const difference = (left[i] as number) - (right[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
