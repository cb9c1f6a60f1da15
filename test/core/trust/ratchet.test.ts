import { describe, expect, it } from "vitest";
import {
  createLedgerInfoWithSignatures,
  type LedgerInfoWithSignatures,
  noSignatures,
} from "../../../core/chain/ledger-info.ts";
import { type LedgerProgressClaim, ratchet } from "../../../core/trust/ratchet.ts";
import { decodeTrustedState, encodeTrustedState, type TrustedState } from "../../../core/trust/trusted-state.ts";
import { waypointOf } from "../../../core/trust/waypoint.ts";
import { makeEpochChain } from "../../helpers/epoch-chain.ts";
import { APTOS, refusal, VELOR, VERIFIER } from "../../helpers/trust-context.ts";

describe.each([["aptos", APTOS], ["velor", VELOR]] as const)("ratchet of %s", (_, context) => {
  const chain = makeEpochChain(context, { epochs: 4 });
  const { endings } = chain;
  const ending = (epoch: number) => endings[epoch] as LedgerInfoWithSignatures;
  const waypoint = (ledgerInfo: LedgerInfoWithSignatures) => waypointOf(context, ledgerInfo.ledgerInfo);
  const start: TrustedState = { kind: "epochWaypoint", waypoint: waypoint(ending(0)) };
  const inEpoch2: TrustedState = {
    kind: "epochState",
    waypoint: waypoint(ending(1)),
    epochState: chain.epochState(2),
  };
  const head = chain.sign(chain.ledgerInfo(2, 150n));
  const proof = (ledgerInfos: readonly LedgerInfoWithSignatures[], more = false) => ({ ledgerInfos, more });
  const run = (state: TrustedState, claim: LedgerProgressClaim) => ratchet(context, state, claim, VERIFIER);

  it("goes from the genesis waypoint to a head in a later epoch", async () => {
    const result = await run(start, { latest: head, epochChangeProof: proof(endings.slice(0, 2)) });
    expect(result).toMatchObject({ change: "epoch", epoch: 2n, version: 150n, epochEndings: endings.slice(0, 2) });
    expect(result.ledgerInfo).toBe(head);
    expect(result.trustedState).toEqual({ ...inEpoch2, waypoint: waypoint(head) });
    expect(result.tally).toEqual({ signers: 4, validators: 4, votingPower: 100n, quorumVotingPower: 67n });
  });

  it("goes to the last epoch ending when no head is given, and counts who signed that", async () => {
    const signedByFew = chain.sign(ending(1).ledgerInfo, [2, 3]);
    const result = await run(start, { epochChangeProof: proof([ending(0), signedByFew]) });
    expect(result).toMatchObject({ change: "epoch", epoch: 2n, version: 100n });
    expect(result.tally).toEqual({ signers: 2, validators: 4, votingPower: 70n, quorumVotingPower: 67n });
    expect(result.trustedState).toEqual(inEpoch2);
  });

  it("counts nobody where a waypoint alone vouches", async () => {
    const result = await run(start, { epochChangeProof: proof([ending(0)]) });
    expect(result).toMatchObject({ change: "epoch", epoch: 1n, version: 0n, tally: undefined });
  });

  it("goes forward inside the trusted epoch without a proof", async () => {
    const result = await run(inEpoch2, { latest: head, epochChangeProof: proof([]) });
    expect(result).toMatchObject({ change: "version", epoch: 2n, version: 150n, epochEndings: [] });
  });

  it("stays where it is when the head is what is trusted already, and hands out no unverified signatures", async () => {
    const forged = createLedgerInfoWithSignatures(
      chain.ledgerInfo(2, 150n),
      noSignatures(context.profile.validatorScheme),
      context.profile,
    );
    const state: TrustedState = { ...inEpoch2, waypoint: waypoint(head) };
    const result = await run(state, { latest: forged, epochChangeProof: proof([]) });
    expect(result).toMatchObject({ change: "none", epoch: 2n, version: 150n });
    expect(result.ledgerInfo).toBeUndefined();
    expect(result.trustedState).toBe(state);
  });

  it("goes as far as the proof does when the peer says there is more", async () => {
    const far = chain.sign(chain.ledgerInfo(3, 250n));
    const claim = { latest: far, epochChangeProof: proof(endings.slice(0, 2), true) };
    expect(await run(start, claim)).toMatchObject({ change: "epoch", epoch: 2n, version: 100n });
    await expect(run(start, { ...claim, epochChangeProof: proof(endings.slice(0, 2)) })).rejects.toMatchObject(
      refusal("EPOCH_MISMATCH"),
    );
  });

  const conflicting = chain.sign({
    ...chain.ledgerInfo(2, 150n),
    commitInfo: { ...chain.ledgerInfo(2, 150n).commitInfo, timestampUsecs: 1n },
  });

  it.each(
    [
      ["nothing at all", start, { epochChangeProof: proof([]) }, "EPOCH_MISMATCH"],
      ["a removed proof", start, { latest: head, epochChangeProof: proof([]) }, "EPOCH_MISMATCH"],
      ["a removed last epoch", start, { latest: head, epochChangeProof: proof([ending(0)]) }, "EPOCH_MISMATCH"],
      ["a removed first epoch", start, { latest: head, epochChangeProof: proof([ending(1)]) }, "WAYPOINT_MISMATCH"],
      [
        "a head behind what is trusted",
        { ...inEpoch2, waypoint: waypoint(head) },
        { latest: chain.sign(chain.ledgerInfo(2, 149n)), epochChangeProof: proof([]) },
        "STALE_LEDGER_INFO",
      ],
      [
        "another ledger info at the trusted version",
        { ...inEpoch2, waypoint: waypoint(head) },
        { latest: conflicting, epochChangeProof: proof([]) },
        "WAYPOINT_MISMATCH",
      ],
      [
        "a newer head of an older epoch",
        inEpoch2,
        { latest: chain.sign(chain.ledgerInfo(1, 180n)), epochChangeProof: proof([]) },
        "EPOCH_MISMATCH",
      ],
      [
        "a head that too few signed",
        inEpoch2,
        { latest: chain.sign(chain.ledgerInfo(2, 150n), [0, 1, 2]), epochChangeProof: proof([]) },
        "INSUFFICIENT_VOTING_POWER",
      ],
      [
        "a head in the new epoch that too few signed",
        start,
        { latest: chain.sign(chain.ledgerInfo(2, 150n), [0, 1, 2]), epochChangeProof: proof(endings.slice(0, 2)) },
        "INSUFFICIENT_VOTING_POWER",
      ],
    ] as const,
  )("refuses %s", async (_, state, claim, code) => {
    await expect(run(state, claim)).rejects.toMatchObject(refusal(code));
  });

  it("does not change the state it is given", async () => {
    const before = encodeTrustedState(inEpoch2);
    await run(inEpoch2, { latest: head, epochChangeProof: proof([]) });
    expect(encodeTrustedState(inEpoch2)).toEqual(before);
  });
});

describe("trusted state", () => {
  const chain = makeEpochChain(VELOR, { epochs: 2 });
  const waypoint = { version: 7n, value: new Uint8Array(32).fill(9) };
  const states: TrustedState[] = [
    { kind: "epochWaypoint", waypoint },
    { kind: "epochState", waypoint, epochState: chain.epochState(1) },
  ];

  it.each(states)("of kind $kind is read from the bytes that it is written to", (state) => {
    const bytes = encodeTrustedState(state);
    expect(bytes[0]).toBe(state.kind === "epochWaypoint" ? 0 : 1);
    expect(decodeTrustedState(bytes, VELOR.profile)).toEqual(state);
  });

  it.each(states)("of kind $kind is refused cut short, with bytes left over, and of an unknown kind", (state) => {
    const bytes = encodeTrustedState(state);
    for (const input of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0), Uint8Array.of(2, ...bytes.slice(1))]) {
      expect(() => decodeTrustedState(input, VELOR.profile)).toThrow(
        expect.objectContaining(refusal("MALFORMED_BCS")),
      );
    }
  });
});
