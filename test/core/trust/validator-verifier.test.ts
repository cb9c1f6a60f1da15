import { describe, expect, it } from "vitest";
import type { ChainContext } from "../../../core/chain/hash.ts";
import {
  createLedgerInfoWithSignatures,
  type LedgerInfoSignatures,
  type LedgerInfoWithSignatures,
  noSignatures,
} from "../../../core/chain/ledger-info.ts";
import type { SyncErrorCode } from "../../../core/errors.ts";
import { quorumVotingPower, tallySigners, verifyLedgerInfo } from "../../../core/trust/validator-verifier.ts";
import { fill, makeEpochChain } from "../../helpers/epoch-chain.ts";
import { APTOS, errorOf, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

const verdictOf = async (context: ChainContext, ledgerInfo: LedgerInfoWithSignatures, epoch = 1) => {
  const { epochState } = makeEpochChain(context, { epochs: 2 });
  const error = await errorOf(() => verifyLedgerInfo(context, epochState(epoch), ledgerInfo, VERIFIER));
  return error === undefined ? "accepted" : (error as { code: SyncErrorCode }).code;
};

describe("quorum", () => {
  const quorumOf = (...powers: bigint[]) =>
    quorumVotingPower({
      epoch: 1n,
      validators: powers.map((votingPower) => ({ address: fill(1), publicKey: fill(1), votingPower })),
    });

  it.each([
    [[1n], 1n],
    [[1n, 1n], 2n],
    [[1n, 1n, 1n], 3n],
    [[1n, 1n, 1n, 1n], 3n],
    [[10n, 20n, 30n, 40n], 67n],
    [[0n, 0n], 1n],
    [[], 1n],
    // The sum of two u64 maxima does not fit 64 bits.
    [[2n ** 64n - 1n, 2n ** 64n - 1n], (4n * (2n ** 64n - 1n)) / 3n + 1n],
  ])("of powers %s is %s", (powers, expected) => {
    expect(quorumOf(...powers)).toBe(expected);
  });
});

describe.each([["aptos", APTOS], ["velor", VELOR]] as const)("ledger info of %s", (_, context) => {
  const chain = makeEpochChain(context, { epochs: 2 });
  const info = chain.ledgerInfo(1, 50n);

  it("is accepted when all validators signed, and is returned itself", async () => {
    const signed = chain.sign(info);
    expect(await verifyLedgerInfo(context, chain.epochState(1), signed, VERIFIER)).toBe(signed);
    expect(tallySigners(chain.epochState(1), signed.signatures)).toEqual({
      signers: 4,
      validators: 4,
      votingPower: 100n,
      quorumVotingPower: 67n,
    });
  });

  it("is accepted with exactly a quorum and refused with one validator less", async () => {
    expect(await verdictOf(context, chain.sign(info, [2, 3]))).toBe("accepted");
    expect(await verdictOf(context, chain.sign(info, [0, 1, 2]))).toBe("INSUFFICIENT_VOTING_POWER");
    expect(await verdictOf(context, chain.sign(info, [3]))).toBe("INSUFFICIENT_VOTING_POWER");
  });

  it("is refused in any other epoch, before anything else is looked at", async () => {
    expect(await verdictOf(context, chain.sign(info, [3]), 2)).toBe("EPOCH_MISMATCH");
  });

  it("is refused without signatures", async () => {
    const none = createLedgerInfoWithSignatures(info, noSignatures(context.profile.validatorScheme), context.profile);
    const expected = context === APTOS ? "INVALID_SIGNERS" : "INSUFFICIENT_VOTING_POWER";
    expect(await verdictOf(context, none)).toBe(expected);
  });

  it("is refused with the signatures of another ledger info", async () => {
    const other = chain.sign(chain.ledgerInfo(1, 51n)).signatures;
    expect(await verdictOf(context, createLedgerInfoWithSignatures(info, other, context.profile))).toBe(
      "SIGNATURE_MISMATCH",
    );
  });

  it("is refused on a chain with another seed prefix", async () => {
    const foreign: ChainContext = { ...context, seeds: (context === APTOS ? VELOR : APTOS).seeds };
    expect(await verdictOf(foreign, chain.sign(info))).toBe("SIGNATURE_MISMATCH");
  });

  it("is refused by an empty validator set", async () => {
    const empty = { epoch: 1n, validators: [] };
    const unsigned = createLedgerInfoWithSignatures(
      info,
      noSignatures(context.profile.validatorScheme),
      context.profile,
    );
    await expect(verifyLedgerInfo(context, empty, unsigned, VERIFIER)).rejects.toMatchObject(
      refusal("INSUFFICIENT_VOTING_POWER"),
    );
  });
});

describe("BLS12-381 multi-signature", () => {
  const chain = makeEpochChain(APTOS, { epochs: 2 });
  const info = chain.ledgerInfo(1, 50n);
  const signed = chain.sign(info, [1, 2, 3]).signatures as LedgerInfoSignatures & { scheme: "bls12381" };
  const verdict = (change: Partial<LedgerInfoSignatures & { scheme: "bls12381" }>) =>
    verdictOf(APTOS, createLedgerInfoWithSignatures(info, { ...signed, ...change }, APTOS.profile));

  it.each(
    [
      ["without the signature", { signature: undefined }, "SIGNATURE_MISMATCH"],
      ["with a bitmap that is too short", { signers: new Uint8Array(0) }, "INVALID_SIGNERS"],
      ["with a bitmap that is too long", { signers: Uint8Array.of(0x70, 0) }, "INVALID_SIGNERS"],
      ["with a bit beyond the validators", { signers: Uint8Array.of(0x78) }, "INVALID_SIGNERS"],
      ["with the last bit of the byte set", { signers: Uint8Array.of(0x71) }, "INVALID_SIGNERS"],
      ["with a signer that did not sign", { signers: Uint8Array.of(0xf0) }, "SIGNATURE_MISMATCH"],
      ["without one that signed", { signers: Uint8Array.of(0x30) }, "SIGNATURE_MISMATCH"],
      ["with a signature that is no point", { signature: new Uint8Array(96) }, "SIGNATURE_MISMATCH"],
      ["with the point at infinity", { signature: Uint8Array.of(0xc0, ...new Uint8Array(95)) }, "SIGNATURE_MISMATCH"],
    ] as const,
  )("is refused %s", async (_, change, code) => {
    expect(await verdict(change)).toBe(code);
  });

  it("is refused when a signer's key is no point", async () => {
    const { epochState } = chain;
    const validators = epochState(1).validators.map((validator, index) =>
      index === 2 ? { ...validator, publicKey: new Uint8Array(48).fill(0xff) } : validator
    );
    const ledgerInfo = chain.sign(info, [1, 2, 3]);
    await expect(verifyLedgerInfo(APTOS, { epoch: 1n, validators }, ledgerInfo, VERIFIER)).rejects.toMatchObject(
      refusal("SIGNATURE_MISMATCH"),
    );
  });
});

describe("Ed25519 signatures", () => {
  const chain = makeEpochChain(VELOR, { epochs: 2 });
  const info = chain.ledgerInfo(1, 50n);
  const signed = chain.sign(info).signatures as LedgerInfoSignatures & { scheme: "ed25519" };
  const verdict = (signatures: (LedgerInfoSignatures & { scheme: "ed25519" })["signatures"]) =>
    verdictOf(VELOR, createLedgerInfoWithSignatures(info, { scheme: "ed25519", signatures }, VELOR.profile));

  it("are all verified: one bad one beyond the quorum refuses all", async () => {
    for (const bad of [0, 1, 2, 3]) {
      const signatures = signed.signatures.map(({ address, signature }, i) => ({
        address,
        signature: i === bad ? signature.map((byte, at) => (at === 5 ? byte ^ 1 : byte)) : signature,
      }));
      expect(await verdict(signatures)).toBe("SIGNATURE_MISMATCH");
    }
  });

  it("are refused when two validators' signatures are swapped", async () => {
    const [a, b, ...rest] = signed.signatures as [typeof signed.signatures[number], typeof signed.signatures[number]];
    const swapped = [{ ...a, signature: b.signature }, { ...b, signature: a.signature }, ...rest];
    expect(await verdict(swapped)).toBe("SIGNATURE_MISMATCH");
  });

  it("are refused from somebody who is no validator, whatever the others say", async () => {
    const stranger = { address: fill(0xfe), signature: (signed.signatures[0] as { signature: Uint8Array }).signature };
    expect(await verdict([...signed.signatures.slice(1), stranger])).toBe("INVALID_SIGNERS");
  });

  it("are refused when there are more than validators", async () => {
    const extra = [1, 2].map((i) => ({ address: fill(0xf0 + i), signature: new Uint8Array(64) }));
    expect(await verdict([...signed.signatures, ...extra])).toBe("INVALID_SIGNERS");
  });
});
