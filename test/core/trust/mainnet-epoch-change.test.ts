import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ChainContext } from "../../../core/chain/hash.ts";
import { isSyncError, type SyncErrorCode } from "../../../core/errors.ts";
import type { SignatureVerifier } from "../../../core/ports/signatures.ts";
import { decodeEpochChangeProof, encodeEpochChangeProof } from "../../../core/trust/epoch-change.ts";
import { ratchet, type RatchetResult } from "../../../core/trust/ratchet.ts";
import { decodeTrustedState, encodeTrustedState, type TrustedState } from "../../../core/trust/trusted-state.ts";
import { formatWaypoint } from "../../../core/trust/waypoint.ts";
import { acceptedSignatures } from "../../helpers/accepted-signatures.ts";
import { flipBit } from "../../helpers/bytes.ts";
import { exhaustive } from "../../helpers/exhaustive.ts";
import { hasRealData } from "../../helpers/real-data.ts";
import { realEpochChange } from "../../helpers/real-proofs.ts";
import { APTOS, errorOf, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

describe.skipIf(!hasRealData)("epoch change 7495 of mainnet", () => {
  let proofBytes: Uint8Array;
  let trustedStateBytes: Uint8Array;
  let trustedState: TrustedState;
  let expectedCodes: (offset: number) => readonly SyncErrorCode[];
  /** Bits before `more`, the last byte. */
  let coveredBits: number;

  beforeAll(async () => {
    ({ proofBytes, trustedStateBytes } = await realEpochChange());
    trustedState = decodeTrustedState(trustedStateBytes, APTOS.profile);
    expectedCodes = codesByOffset(proofBytes);
    coveredBits = 8 * (proofBytes.length - 1);
  });

  /** What the command `trust ratchet` does with its two files. */
  const run = async (bytes: Uint8Array, verifier: SignatureVerifier, context: ChainContext = APTOS) => {
    const epochChangeProof = decodeEpochChangeProof(bytes, context.profile);
    return await ratchet(context, trustedState, { epochChangeProof }, verifier);
  };
  const codeOf = async (bytes: Uint8Array, verifier: SignatureVerifier): Promise<SyncErrorCode | "accepted"> => {
    const error = await errorOf(() => run(bytes, verifier));
    if (error === undefined) return "accepted";
    if (!isSyncError(error)) throw error;
    return error.code;
  };

  it("verifies, with the numbers that the network had", async () => {
    const result: RatchetResult = await run(proofBytes, VERIFIER);
    expect({ ...result, waypoint: formatWaypoint(result.waypoint) }).toMatchObject({
      change: "epoch",
      waypoint: "998146172:40afa6c1739d8c87b4fcf22471d67fd0d224a325a9de2c768081fcf5bfa80d9c",
      epoch: 7496n,
      version: 998146172n,
      tally: {
        signers: 92,
        validators: 138,
        votingPower: 58130970450833810n,
        quorumVotingPower: 57875557537912799n,
      },
    });
    expect(result.epochEndings).toHaveLength(1);
    expect(result.trustedState).toMatchObject({ kind: "epochState", epochState: { epoch: 7496n } });
  });

  it("is written as the bytes that it was read from", () => {
    expect(encodeEpochChangeProof(decodeEpochChangeProof(proofBytes, APTOS.profile))).toEqual(proofBytes);
    expect(encodeTrustedState(trustedState)).toEqual(trustedStateBytes);
  });

  it("is stale, or nothing new, for who has seen it", async () => {
    const { trustedState: after, waypoint } = await run(proofBytes, VERIFIER);
    const epochChangeProof = decodeEpochChangeProof(proofBytes, APTOS.profile);
    expect(await ratchet(APTOS, after, { epochChangeProof }, VERIFIER)).toMatchObject({ change: "none", waypoint });
    const later = { ...after, waypoint: { ...waypoint, version: waypoint.version + 1n } };
    await expect(ratchet(APTOS, later, { epochChangeProof }, VERIFIER)).rejects.toMatchObject(
      refusal("STALE_LEDGER_INFO"),
    );
  });

  it("is refused without the proof, and without the signature", async () => {
    const { ledgerInfos } = decodeEpochChangeProof(proofBytes, APTOS.profile);
    expect(await codeOf(encodeEpochChangeProof({ ledgerInfos: [], more: false }), VERIFIER)).toBe("EPOCH_MISMATCH");
    const [ledgerInfo] = ledgerInfos as [typeof ledgerInfos[number]];
    const signature = (ledgerInfo.signatures as { signature: Uint8Array }).signature;
    const at = signature.byteOffset - ledgerInfo.bytes.byteOffset + 1 - 2;
    // Option tag and 96-byte length before the signature, `more` after it.
    const withoutSignature = Uint8Array.of(...proofBytes.slice(0, at), 0, 0);
    expect(await codeOf(withoutSignature, VERIFIER)).toBe("SIGNATURE_MISMATCH");
  });

  it("is refused as data of a network with other seeds or another scheme", async () => {
    const otherSeeds: ChainContext = { ...APTOS, seeds: VELOR.seeds };
    await expect(run(proofBytes, VERIFIER, otherSeeds)).rejects.toMatchObject(refusal("SIGNATURE_MISMATCH"));
    await expect(run(proofBytes, VERIFIER, VELOR)).rejects.toMatchObject(refusal("MALFORMED_BCS"));
    expect(() => decodeTrustedState(trustedStateBytes, VELOR.profile)).toThrow(
      expect.objectContaining(refusal("MALFORMED_BCS")),
    );
  });

  it("is refused with any single bit flipped", { timeout: 120_000 }, async () => {
    const { learning, only } = acceptedSignatures(VERIFIER);
    await run(proofBytes, learning);
    expect(await codeOf(proofBytes, only)).toBe("accepted");
    const bytes = proofBytes.slice();
    const wrong: string[] = [];
    for (let bit = 0; bit < coveredBits; bit++) {
      const offset = bit >> 3;
      const before = bytes[offset]!;
      bytes[offset] = before ^ (1 << (bit & 7));
      const code = await codeOf(bytes, only);
      bytes[offset] = before;
      if (!expectedCodes(offset).includes(code as SyncErrorCode)) wrong.push(`byte ${offset} bit ${bit & 7}: ${code}`);
    }
    expect(wrong).toEqual([]);
  });

  it("is refused with any single bit flipped, by the real verifier (sampled)", { timeout: 60_000 }, async () => {
    const anywhere = fc.nat({ max: coveredBits - 1 });
    const inSignature = fc.integer({ min: coveredBits - 8 * 98, max: coveredBits - 1 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(anywhere, inSignature), async (bit) => {
        expect(expectedCodes(bit >> 3)).toContain(await codeOf(flipBit(proofBytes, bit), VERIFIER));
      }),
      { numRuns: 30 },
    );
  });

  it.skipIf(!exhaustive)("is refused with any single bit flipped, by the real verifier", { timeout: 1e8 }, async () => {
    for (let bit = 0; bit < coveredBits; bit++) {
      expect(expectedCodes(bit >> 3), `bit ${bit}`).toContain(await codeOf(flipBit(proofBytes, bit), VERIFIER));
    }
  });

  it("does not depend on `more`, which nobody signs, but that is a boolean", async () => {
    const last = 8 * (proofBytes.length - 1);
    expect(await codeOf(flipBit(proofBytes, last), VERIFIER)).toBe("accepted");
    for (let bit = last + 1; bit < last + 8; bit++) {
      expect(await codeOf(flipBit(proofBytes, bit), VERIFIER)).toBe("MALFORMED_BCS");
    }
  });
});

/** Codes that fit a flipped bit of a byte: what the byte means decides. */
function codesByOffset(proofBytes: Uint8Array): (offset: number) => readonly SyncErrorCode[] {
  const { ledgerInfos: [ledgerInfo] } = decodeEpochChangeProof(proofBytes, APTOS.profile);
  const start = 2; // number of ledger infos, variant
  const validatorsAt = start + 96 + 1 + 8 + 2; // block info, option tag, next epoch, number of validators
  const hashAt = start + ledgerInfo!.ledgerInfoBytes.length - 32;
  const signersAt = hashAt + 32 + 1;
  const signatureAt = signersAt + 18 + 2;
  // What is in none of them is a length, a tag or a variant.
  const regions: readonly [first: number, length: number, ...codes: SyncErrorCode[]][] = [
    [start, 8, "EPOCH_MISMATCH", "STALE_LEDGER_INFO"],
    [start + 8, 72, "SIGNATURE_MISMATCH"], // round, id, accumulator root
    [start + 80, 8, "SIGNATURE_MISMATCH", "STALE_LEDGER_INFO"], // version
    [start + 88, 8, "SIGNATURE_MISMATCH"], // time
    [start + 97, 8, "SIGNATURE_MISMATCH"], // next epoch
    [hashAt, 32, "SIGNATURE_MISMATCH"],
    [signersAt, 18, "INVALID_SIGNERS", "INSUFFICIENT_VOTING_POWER", "SIGNATURE_MISMATCH"],
    [signatureAt, 96, "SIGNATURE_MISMATCH"],
  ];
  return (offset) => {
    const region = regions.find(([first, length]) => offset >= first && offset < first + length);
    if (region !== undefined) return region.slice(2) as SyncErrorCode[];
    // Of a validator's 89 bytes all but the length of the key are free.
    const isFree = offset >= validatorsAt && offset < hashAt && (offset - validatorsAt) % 89 !== 32;
    return [isFree ? "SIGNATURE_MISMATCH" : "MALFORMED_BCS"];
  };
}
