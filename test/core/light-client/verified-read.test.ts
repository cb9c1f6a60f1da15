import { beforeAll, describe, expect, it } from "vitest";
import type { ChainContext } from "../../../core/chain/hash.ts";
import type { EpochState } from "../../../core/chain/epoch-state.ts";
import { encodeLedgerInfo, type LedgerInfoWithSignatures } from "../../../core/chain/ledger-info.ts";
import { decodeTransactionInfo, encodeTransactionInfo } from "../../../core/chain/transaction-info.ts";
import { type StateReadClaim, verifyStateRead } from "../../../core/light-client/verified-read.ts";
import { tallySigners, verifyLedgerInfo } from "../../../core/trust/validator-verifier.ts";
import type { Verified } from "../../../core/trust/verified.ts";
import { acceptedSignatures } from "../../helpers/accepted-signatures.ts";
import { flipBit } from "../../helpers/bytes.ts";
import { exhaustive } from "../../helpers/exhaustive.ts";
import { hasRealData } from "../../helpers/real-data.ts";
import { realInclusion } from "../../helpers/real-proofs.ts";
import { rememberingHasher } from "../../helpers/remembering-hasher.ts";
import { APTOS, errorOf, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

/** One part of a read: its bytes, and the same read with other bytes in their place. */
type Part = (claim: StateReadClaim) => [bytes: Uint8Array, change: (bytes: Uint8Array) => Partial<StateReadClaim>];

const PARTS: readonly [name: string, part: Part][] = [
  ["key hash", ({ keyHash }) => [keyHash, (changed) => ({ keyHash: changed })]],
  ["value hash", ({ valueHash }) => [valueHash!, (changed) => ({ valueHash: changed })]],
  ["transaction info", ({ transactionInfo }) => [transactionInfo, (changed) => ({ transactionInfo: changed })]],
  ["siblings of the info", ({ infoSiblings }) => [infoSiblings, (changed) => ({ infoSiblings: changed })]],
  ["siblings of the leaf", ({ stateProof }) => [
    stateProof.siblings,
    (siblings) => ({ stateProof: { ...stateProof, siblings } }),
  ]],
  ["key of the leaf", ({ stateProof }) => [
    stateProof.leaf!.key,
    (key) => ({ stateProof: { ...stateProof, leaf: { ...stateProof.leaf!, key } } }),
  ]],
  ["value of the leaf", ({ stateProof }) => [
    stateProof.leaf!.valueHash,
    (valueHash) => ({ stateProof: { ...stateProof, leaf: { ...stateProof.leaf!, valueHash } } }),
  ]],
];

/** Reads with something taken out or put in. */
const DAMAGES: readonly [name: string, change: (claim: StateReadClaim) => Partial<StateReadClaim>][] = [
  ["claimed to be absent", () => ({ valueHash: undefined })],
  ["claimed to be absent, without the leaf", (claim) => ({ valueHash: undefined, ...withoutLeaf(claim) })],
  ["without the leaf", withoutLeaf],
  ["without the siblings of the leaf", (claim) => withSiblings(claim, (siblings) => siblings.slice(0, 0))],
  ["without the first sibling of the leaf", (claim) => withSiblings(claim, (siblings) => siblings.slice(32))],
  ["without the last sibling of the leaf", (claim) => withSiblings(claim, (siblings) => siblings.slice(0, -32))],
  ["with a byte less in them", (claim) => withSiblings(claim, (siblings) => siblings.slice(0, -1))],
  ["with one more", (claim) => withSiblings(claim, withOneMore)],
  ["without the siblings of the info", () => ({ infoSiblings: new Uint8Array(0) })],
  ["without the last sibling of the info", ({ infoSiblings }) => ({ infoSiblings: infoSiblings.slice(0, -32) })],
  ["with one more of those", ({ infoSiblings }) => ({ infoSiblings: withOneMore(infoSiblings) })],
  ["without the transaction info", () => ({ transactionInfo: new Uint8Array(0) })],
  ["with the state root taken out of the info", ({ transactionInfo }) => ({
    transactionInfo: encodeTransactionInfo({
      ...decodeTransactionInfo(transactionInfo),
      stateCheckpointHash: undefined,
    }),
  })],
];

function withoutLeaf({ stateProof: { siblings } }: StateReadClaim): Partial<StateReadClaim> {
  return { stateProof: { siblings } };
}

function withSiblings(
  { stateProof }: StateReadClaim,
  change: (siblings: Uint8Array) => Uint8Array,
): Partial<StateReadClaim> {
  return { stateProof: { ...stateProof, siblings: change(stateProof.siblings) } };
}

function withOneMore(siblings: Uint8Array): Uint8Array {
  return Uint8Array.of(...siblings, ...new Uint8Array(32));
}

describe.skipIf(!hasRealData)("read at version 998167816 of mainnet", () => {
  let claim: StateReadClaim;
  let ledgerInfo: LedgerInfoWithSignatures;
  let epochState: EpochState;
  let trusted: Verified<LedgerInfoWithSignatures>;

  beforeAll(async () => {
    ({ claim, ledgerInfo, epochState } = await realInclusion());
    trusted = await verifyLedgerInfo(APTOS, epochState, ledgerInfo, VERIFIER);
    read({});
    hasher.stopRemembering();
  });

  const hasher = rememberingHasher(APTOS.hasher);
  const remembering: ChainContext = { ...APTOS, hasher };
  const read = (change: Partial<StateReadClaim>, context: ChainContext = remembering) =>
    verifyStateRead(context, trusted, { ...claim, ...change });
  const codeOf = async (change: Partial<StateReadClaim>) =>
    (await errorOf(() => read(change)) as { code?: string })?.code;

  it("verifies from the value to the quorum", () => {
    expect(verifyStateRead(APTOS, trusted, claim)).toEqual({
      version: claim.version,
      keyHash: claim.keyHash,
      valueHash: claim.valueHash,
    });
    expect(claim.version).toBe(998167816n);
    expect(claim.stateProof.siblings).toHaveLength(27 * 32);
    expect(claim.infoSiblings).toHaveLength(30 * 32);
    expect(tallySigners(epochState, ledgerInfo.signatures)).toMatchObject({ signers: 88, validators: 138 });
  });

  it.each(PARTS)("is refused with any bit of the %s flipped", { timeout: 60_000 }, async (_, part) => {
    const [bytes, change] = part(claim);
    const accepted: number[] = [];
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      if (await codeOf(change(flipBit(bytes, bit))) !== "PROOF_MISMATCH") accepted.push(bit);
    }
    expect(accepted).toEqual([]);
  });

  it("is refused at any version but its own", async () => {
    for (let bit = 0n; bit < 64n; bit++) {
      expect(await codeOf({ version: claim.version ^ (1n << bit) })).toBe("PROOF_MISMATCH");
    }
    expect(await codeOf({ version: ledgerInfo.ledgerInfo.commitInfo.version + 1n })).toBe("PROOF_MISMATCH");
  });

  it.each(DAMAGES)("is refused %s", async (_, change) => {
    expect(await codeOf(change(claim))).toBe("PROOF_MISMATCH");
  });

  it("is refused on a network with other seeds", async () => {
    expect(() => read({}, VELOR)).toThrow(expect.objectContaining(refusal("PROOF_MISMATCH")));
    const otherSeeds: ChainContext = { ...APTOS, seeds: VELOR.seeds };
    await expect(verifyLedgerInfo(otherSeeds, epochState, ledgerInfo, VERIFIER)).rejects.toMatchObject(
      refusal("SIGNATURE_MISMATCH"),
    );
  });

  it("stands on a ledger info of which no bit can be changed", { timeout: exhaustive ? 1e8 : 60_000 }, async () => {
    const { learning, only } = acceptedSignatures(VERIFIER);
    await verifyLedgerInfo(APTOS, epochState, ledgerInfo, learning);
    const verdictOf = async (changed: LedgerInfoWithSignatures, verifier = only) =>
      (await errorOf(() => verifyLedgerInfo(APTOS, epochState, changed, verifier)) as { code?: string })?.code;
    expect(await verdictOf(ledgerInfo)).toBeUndefined();
    expect(encodeLedgerInfo(ledgerInfo.ledgerInfo)).toEqual(ledgerInfo.ledgerInfoBytes);
    for (let bit = 0; bit < 8 * ledgerInfo.ledgerInfoBytes.length; bit++) {
      const changed = { ...ledgerInfo, ledgerInfoBytes: flipBit(ledgerInfo.ledgerInfoBytes, bit) };
      // The real verifier where it may take minutes, and for every 97th bit otherwise.
      expect(await verdictOf(changed, exhaustive || bit % 97 === 0 ? VERIFIER : only)).toBe("SIGNATURE_MISMATCH");
    }
  });
});
