/**
 * Runs the table of Ed25519 edge cases in whatever runtime loads this file. Imports no `node:` module and no test runner,
 * so it also runs inside a page.
 *
 * @module
 */
import { decodeHex } from "../../core/bytes/hex.ts";
import type { Ed25519Subtle } from "../../core/ports/signatures.ts";
import type { Ed25519Equation } from "../../core/trust/ed25519-acceptance.ts";
import { createNobleEd25519 } from "../../core/trust/ed25519-noble.ts";
import { createWebCryptoEd25519 } from "../../core/trust/ed25519-webcrypto.ts";
import { createSignatureVerifier } from "../../core/trust/signature-verifier.ts";
import table from "../vectors/ed25519-edge-cases.json" with { type: "json" };

/** What came out for one case. */
export interface Ed25519Verdict {
  readonly name: string;
  readonly expected: boolean;
  /** Our verdict with the runtime's WebCrypto deciding the equation. */
  readonly webcrypto: boolean;
  /** Our verdict with the fallback deciding it. */
  readonly fallback: boolean;
}

/**
 * Verifies every case of the table with both backends.
 *
 * @param subtle The runtime's `crypto.subtle`.
 */
export async function runEd25519Table(subtle: Ed25519Subtle): Promise<Ed25519Verdict[]> {
  const fallback = createNobleEd25519();
  return await runEd25519TableWith(createWebCryptoEd25519(subtle, fallback), fallback);
}

/** As {@link runEd25519Table}, with backends of the caller's choice. */
export async function runEd25519TableWith(
  webcrypto: Ed25519Equation,
  fallback: Ed25519Equation,
): Promise<Ed25519Verdict[]> {
  const verdicts: Ed25519Verdict[] = [];
  for (const { name, expected, ...row } of table) {
    const claim = { publicKey: decodeHex(row.publicKey), signature: decodeHex(row.signature) };
    const message = decodeHex(row.message);
    const verdict = (ed25519: Ed25519Equation) => createSignatureVerifier({ ed25519 }).verifyEd25519(message, [claim]);
    verdicts.push({ name, expected, webcrypto: await verdict(webcrypto), fallback: await verdict(fallback) });
  }
  return verdicts;
}
