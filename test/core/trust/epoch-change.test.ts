import { describe, expect, it } from "vitest";
import {
  createLedgerInfoWithSignatures,
  type LedgerInfoWithSignatures,
  noSignatures,
} from "../../../core/chain/ledger-info.ts";
import { decodeEpochChangeProof, encodeEpochChangeProof, verifyEpochChange } from "../../../core/trust/epoch-change.ts";
import type { TrustedState } from "../../../core/trust/trusted-state.ts";
import { waypointOf } from "../../../core/trust/waypoint.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import { APTOS, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

describe.each([["aptos", APTOS], ["velor", VELOR]] as const)("epoch-change proof of %s", (_, context) => {
  const chain = makeEpochChain(context, { epochs: 4 });
  const { endings } = chain;
  const ending = (epoch: number) => endings[epoch] as LedgerInfoWithSignatures;
  const byWaypoint = (epoch: number): TrustedState => ({
    kind: "epochWaypoint",
    waypoint: waypointOf(context, ending(epoch).ledgerInfo),
  });
  const byValidators = (epoch: number): TrustedState => ({
    kind: "epochState",
    waypoint: waypointOf(context, ending(epoch - 1).ledgerInfo),
    epochState: chain.epochState(epoch),
  });
  const verify = (state: TrustedState, ledgerInfos: readonly LedgerInfoWithSignatures[]) =>
    verifyEpochChange(context, state, { ledgerInfos, more: false }, VERIFIER);

  it("leads from the genesis waypoint through every epoch", async () => {
    expect(await verify(byWaypoint(0), endings)).toEqual(endings);
  });

  it("leads from an epoch's validators on", async () => {
    expect(await verify(byValidators(2), endings.slice(2))).toEqual(endings.slice(2));
  });

  it("may begin before what is trusted: that prefix is skipped, unverified, and not returned", async () => {
    expect(await verify(byWaypoint(2), endings)).toEqual(endings.slice(2));
    expect(await verify(byValidators(3), endings)).toEqual(endings.slice(3));
  });

  it.each(
    [
      ["an empty proof", () => verify(byWaypoint(0), []), "EPOCH_MISMATCH"],
      ["a proof that lies behind a waypoint", () => verify(byWaypoint(3), endings.slice(0, 3)), "STALE_LEDGER_INFO"],
      [
        "a proof that lies behind the validators",
        () => verify(byValidators(3), endings.slice(0, 3)),
        "STALE_LEDGER_INFO",
      ],
      ["a proof without its first epoch", () => verify(byWaypoint(0), endings.slice(1)), "WAYPOINT_MISMATCH"],
      ["a proof without a middle epoch", () => verify(byWaypoint(0), [ending(0), ending(2)]), "EPOCH_MISMATCH"],
      [
        "a proof in another order",
        () => verify(byWaypoint(0), [ending(0), ending(2), ending(1), ending(3)]),
        "EPOCH_MISMATCH",
      ],
      ["a proof with an epoch twice", () => verify(byWaypoint(0), [ending(0), ending(1), ending(1)]), "EPOCH_MISMATCH"],
      [
        "a step that ends no epoch",
        () => verify(byValidators(1), [chain.sign(chain.ledgerInfo(1, 50n))]),
        "EPOCH_MISMATCH",
      ],
    ] as const,
  )("refuses %s", async (_, action, code) => {
    await expect(action()).rejects.toMatchObject(refusal(code));
  });

  it("refuses a step that its validators did not sign, even where all the others hold", async () => {
    const forged = createLedgerInfoWithSignatures(ending(1).ledgerInfo, ending(2).signatures, context.profile);
    const code = context === APTOS ? "SIGNATURE_MISMATCH" : "INVALID_SIGNERS";
    await expect(verify(byWaypoint(0), [ending(0), forged, ending(2)])).rejects.toMatchObject(refusal(code));
    const unsigned = noSignatures(context.profile.validatorScheme);
    const bare = createLedgerInfoWithSignatures(ending(1).ledgerInfo, unsigned, context.profile);
    await expect(verify(byWaypoint(0), [ending(0), bare])).rejects.toMatchObject({ fault: "peer" });
  });

  it("refuses a proof of another network with the same layout", async () => {
    const foreign = makeEpochChain(context, { epochs: 3, powers: [5n, 5n, 5n, 5n] });
    await expect(verify(byWaypoint(0), foreign.endings)).rejects.toMatchObject(refusal("WAYPOINT_MISMATCH"));
  });

  it("refuses a genesis whose uncovered parts are not those of a genesis", async () => {
    const genesis = ending(0);
    const { commitInfo } = genesis.ledgerInfo;
    const altered = { ...genesis.ledgerInfo, commitInfo: { ...commitInfo, round: 1n } };
    const round = createLedgerInfoWithSignatures(altered, genesis.signatures, context.profile);
    const signed = createLedgerInfoWithSignatures(genesis.ledgerInfo, ending(1).signatures, context.profile);
    for (const ledgerInfo of [round, signed]) {
      await expect(verify(byWaypoint(0), [ledgerInfo])).rejects.toMatchObject(refusal("WAYPOINT_MISMATCH"));
    }
  });

  it("is read from the bytes that it is written to", () => {
    for (const more of [false, true]) {
      const bytes = encodeEpochChangeProof({ ledgerInfos: endings, more });
      const proof = decodeEpochChangeProof(bytes, context.profile);
      expect(proof).toEqual({ ledgerInfos: endings, more });
      expect(encodeEpochChangeProof(proof)).toEqual(bytes);
    }
  });

  it("refuses bytes left over, cut short, of another profile, or that promise more than they hold", () => {
    const bytes = encodeEpochChangeProof({ ledgerInfos: endings, more: false });
    const other = context === APTOS ? VELOR : APTOS;
    const refused: [Uint8Array, typeof context.profile][] = [
      [Uint8Array.of(...bytes, 0), context.profile],
      [bytes.slice(0, -1), context.profile],
      [bytes, other.profile],
      [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x07, 0), context.profile],
      [new Uint8Array(0), context.profile],
    ];
    for (const [input, profile] of refused) {
      expect(() => decodeEpochChangeProof(input, profile)).toThrow(expect.objectContaining(refusal("MALFORMED_BCS")));
    }
  });
});
