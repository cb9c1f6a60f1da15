import { describe, expect, it } from "vitest";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import type { Ed25519Subtle } from "../../../core/ports/signatures.ts";
import { createNobleEd25519 } from "../../../core/trust/ed25519-noble.ts";
import { createWebCryptoEd25519 } from "../../../core/trust/ed25519-webcrypto.ts";
import { decodeEpochChangeProof, encodeEpochChangeProof } from "../../../core/trust/epoch-change.ts";
import { ratchet } from "../../../core/trust/ratchet.ts";
import { createSignatureVerifier } from "../../../core/trust/signature-verifier.ts";
import type { TrustedState } from "../../../core/trust/trusted-state.ts";
import { waypointOf } from "../../../core/trust/waypoint.ts";
import { flipBit } from "../../helpers/bytes.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import { errorOf, VELOR } from "../../helpers/trust-context.ts";

const { subtle } = (globalThis as unknown as { crypto: { subtle: Ed25519Subtle } }).crypto;
const verifier = createSignatureVerifier({ ed25519: createWebCryptoEd25519(subtle, createNobleEd25519()) });

describe("epoch change of velor with one bit flipped", () => {
  const { endings, epochState } = makeEpochChain(VELOR, { epochs: 2, powers: [10n, 20n] });
  const [genesis, ending] = endings as [typeof endings[number], typeof endings[number]];
  const proofBytes = encodeEpochChangeProof({ ledgerInfos: [ending], more: false });
  const genesisBytes = encodeEpochChangeProof({ ledgerInfos: [genesis], more: false });
  const byValidators: TrustedState = {
    kind: "epochState",
    waypoint: waypointOf(VELOR, genesis.ledgerInfo),
    epochState: epochState(1),
  };
  const byWaypoint: TrustedState = { kind: "epochWaypoint", waypoint: byValidators.waypoint };

  const codeOf = async (state: TrustedState, bytes: Uint8Array): Promise<SyncErrorCode | "accepted"> => {
    const error = await errorOf(() => {
      const epochChangeProof = decodeEpochChangeProof(bytes, VELOR.profile);
      return ratchet(VELOR, state, { epochChangeProof }, verifier);
    });
    if (error === undefined) return "accepted";
    if (!isSyncError(error)) throw error;
    expect(error.fault).toBe("peer");
    return error.code;
  };

  it("is refused wherever the bit is, when signatures vouch", { timeout: 60_000 }, async () => {
    expect(await codeOf(byValidators, proofBytes)).toBe("accepted");
    const codes = new Set<string>();
    for (let bit = 0; bit < 8 * (proofBytes.length - 1); bit++) {
      codes.add(await codeOf(byValidators, flipBit(proofBytes, bit)));
    }
    expect([...codes].sort()).toEqual([
      "EPOCH_MISMATCH",
      "INVALID_SIGNERS",
      "MALFORMED_BCS",
      "SIGNATURE_MISMATCH",
      "STALE_LEDGER_INFO",
    ]);
  });

  it("is refused wherever the bit is, when the genesis waypoint vouches", async () => {
    expect(await codeOf(byWaypoint, genesisBytes)).toBe("accepted");
    const codes = new Set<string>();
    for (let bit = 0; bit < 8 * (genesisBytes.length - 1); bit++) {
      codes.add(await codeOf(byWaypoint, flipBit(genesisBytes, bit)));
    }
    expect([...codes].sort()).toEqual(["MALFORMED_BCS", "WAYPOINT_MISMATCH"]);
  });
});
