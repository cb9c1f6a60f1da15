/**
 * The Ed25519 equation on plain bigints, for runtimes without it in WebCrypto. About 1 ms a signature.
 *
 * Uses only the points of `@noble/ed25519`: its own `verify` multiplies by the cofactor and so accepts more than the chain.
 *
 * @module
 */
import { Point } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, equalBytes } from "../bytes/bytes.ts";
import type { Ed25519Equation } from "./ed25519-acceptance.ts";

/** Creates the fallback backend. It has no state. */
export function createNobleEd25519(): Ed25519Equation {
  // The port is asynchronous for WebCrypto's sake; `async` also turns a throw into a rejection.
  return { holds: async (publicKey, signature, message) => equationHolds(publicKey, signature, message) };
}

function equationHolds(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const key = pointOf(publicKey);
  if (key === undefined) return false;
  const commitment = signature.subarray(0, 32);
  const scalar = littleEndian(signature.subarray(32));
  const challenge = littleEndian(sha512(concatBytes(commitment, publicKey, message))) % Point.CURVE().n;
  const expected = Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge));
  return equalBytes(expected.toBytes(), commitment);
}

function pointOf(encoding: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(encoding);
  } catch {
    return undefined; // not on the curve
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}
