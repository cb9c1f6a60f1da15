import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBcs } from "../../../core/chain/bcs.ts";
import { type EpochState, writeEpochState } from "../../../core/chain/epoch-state.ts";
import {
  type BlockInfo,
  createLedgerInfoWithSignatures,
  decodeLedgerInfoWithSignatures,
  encodeLedgerInfo,
  genesisLedgerInfo,
  type LedgerInfo,
  type LedgerInfoSignatures,
  nextBlockEpoch,
  noSignatures,
} from "../../../core/chain/ledger-info.ts";
import type { ChainProfile } from "../../../core/chain/profile.ts";
import { APTOS_PROFILE, VELOR_PROFILE } from "../../../core/chain/profile.ts";
import { fill } from "../../helpers/epoch-chain.ts";
import { refusal } from "../../helpers/trust-context.ts";

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function epochStates(profile: ChainProfile): fc.Arbitrary<EpochState> {
  const validator = fc.record({
    address: bytesOf(32),
    publicKey: bytesOf(profile.publicKeyBytes),
    votingPower: u64,
  });
  return fc.record({ epoch: u64, validators: fc.array(validator, { maxLength: 5 }) });
}

function ledgerInfos(profile: ChainProfile): fc.Arbitrary<LedgerInfo> {
  const commitInfo: fc.Arbitrary<BlockInfo> = fc.record({
    epoch: u64,
    round: u64,
    id: bytesOf(32),
    executedStateId: bytesOf(32),
    version: u64,
    timestampUsecs: u64,
    nextEpochState: fc.option(epochStates(profile), { nil: undefined }),
  });
  return fc.record({ commitInfo, consensusDataHash: bytesOf(32) });
}

function signaturesOf(profile: ChainProfile): fc.Arbitrary<LedgerInfoSignatures> {
  if (profile.validatorScheme === "bls12381") {
    return fc.record({
      scheme: fc.constant("bls12381" as const),
      signers: fc.uint8Array({ maxLength: 20 }),
      signature: fc.option(bytesOf(96), { nil: undefined }),
    });
  }
  const entry = fc.record({ address: bytesOf(32), signature: bytesOf(64) });
  const entries = fc.uniqueArray(entry, { maxLength: 5, selector: ({ address }) => address.join() });
  return entries.map((signatures) => ({ scheme: "ed25519" as const, signatures }));
}

/** Every field another. */
const info: LedgerInfo = {
  commitInfo: {
    epoch: 1n,
    round: 2n,
    id: fill(3),
    executedStateId: fill(4),
    version: 5n,
    timestampUsecs: 6n,
    nextEpochState: undefined,
  },
  consensusDataHash: fill(7),
};

describe.each([APTOS_PROFILE, VELOR_PROFILE])("ledger info of $name", (profile) => {
  it("is read from the bytes that it is written to, and keeps them", () => {
    fc.assert(
      fc.property(ledgerInfos(profile), signaturesOf(profile), (ledgerInfo, signatures) => {
        const written = createLedgerInfoWithSignatures(ledgerInfo, signatures, profile);
        const read = decodeLedgerInfoWithSignatures(written.bytes, profile);
        expect(read).toEqual(written);
        expect(read.ledgerInfo).toEqual(ledgerInfo);
        expect(read.ledgerInfoBytes).toEqual(encodeLedgerInfo(ledgerInfo));
        expect(read.bytes).toEqual(written.bytes);
        // Every read makes the same bytes again: there is one spelling.
        expect(createLedgerInfoWithSignatures(read.ledgerInfo, read.signatures, profile).bytes).toEqual(written.bytes);
      }),
      { numRuns: 200 },
    );
  });

  const unsigned = createLedgerInfoWithSignatures(info, noSignatures(profile.validatorScheme), profile);

  it("has the layout of the format", () => {
    // u64 epoch, u64 round, id, root, u64 version, u64 time, no next epoch, data hash.
    expect(unsigned.ledgerInfoBytes).toHaveLength(8 + 8 + 32 + 32 + 8 + 8 + 1 + 32);
    expect(unsigned.bytes).toHaveLength(1 + 129 + (profile === APTOS_PROFILE ? 2 : 1));
  });

  it("is refused with any byte missing or left over, and of an unknown variant", () => {
    for (let length = 0; length < unsigned.bytes.length; length++) {
      expect(() => decodeLedgerInfoWithSignatures(unsigned.bytes.slice(0, length), profile)).toThrow(
        expect.objectContaining(refusal("MALFORMED_BCS")),
      );
    }
    for (const bytes of [Uint8Array.of(...unsigned.bytes, 0), Uint8Array.of(1, ...unsigned.bytes.slice(1))]) {
      expect(() => decodeLedgerInfoWithSignatures(bytes, profile)).toThrow(
        expect.objectContaining(refusal("MALFORMED_BCS")),
      );
    }
  });

  it("is refused with validators' keys of the other scheme", () => {
    const otherKey = profile === APTOS_PROFILE ? 32 : 48;
    const validators = [{ address: fill(1), publicKey: new Uint8Array(otherKey), votingPower: 1n }];
    const commitInfo = { ...info.commitInfo, nextEpochState: { epoch: 2n, validators } };
    expect(() => createLedgerInfoWithSignatures({ ...info, commitInfo }, unsigned.signatures, profile)).toThrow(
      expect.objectContaining(refusal("MALFORMED_BCS")),
    );
  });

  it("is refused when it promises more validators than the bytes can hold, before anything is allocated", () => {
    const bytes = encodeBcs((writer) => {
      writer.uleb128(0).raw(encodeLedgerInfo(info).slice(0, 96)).u8(1).u64(2n).uleb128(2 ** 31 - 1).raw(fill(0));
    });
    expect(() => decodeLedgerInfoWithSignatures(bytes, profile)).toThrow(
      expect.objectContaining(refusal("MALFORMED_BCS")),
    );
  });

  it("knows the epoch of the next version", () => {
    const nextEpochState = { epoch: 9n, validators: [] };
    expect(nextBlockEpoch(info.commitInfo)).toBe(1n);
    expect(nextBlockEpoch({ ...info.commitInfo, nextEpochState })).toBe(9n);
  });

  it("of genesis is zeros around the root and the first validators", () => {
    const first: EpochState = { epoch: 1n, validators: [] };
    const genesis = genesisLedgerInfo(fill(0x11), first, profile);
    const writer = encodeBcs((state) => writeEpochState(state, first));
    expect([...genesis.ledgerInfoBytes]).toEqual([
      ...new Uint8Array(16 + 32),
      ...fill(0x11),
      ...new Uint8Array(16),
      1,
      ...writer,
      ...new Uint8Array(32),
    ]);
    expect(genesis.signatures).toEqual(noSignatures(profile.validatorScheme));
  });
});

describe("signatures of a ledger info", () => {
  const head = encodeBcs((writer) => writer.uleb128(0).raw(encodeLedgerInfo(info)));
  const entry = (byte: number) => [...fill(byte), 64, ...new Uint8Array(64)];
  const decode = (tail: readonly number[], profile: ChainProfile) =>
    decodeLedgerInfoWithSignatures(Uint8Array.of(...head, ...tail), profile);

  it("of velor are refused out of order, repeated, or of another length", () => {
    expect(decode([2, ...entry(1), ...entry(2)], VELOR_PROFILE).signatures).toMatchObject({
      signatures: [{ address: fill(1) }, { address: fill(2) }],
    });
    const refused = [
      [2, ...entry(2), ...entry(1)],
      [2, ...entry(1), ...entry(1)],
      [1, ...fill(1), 63, ...new Uint8Array(63)],
      [1, ...fill(1), 65, ...new Uint8Array(65)],
      [1, ...entry(1), 0],
      [0x80, 0],
    ];
    for (const tail of refused) {
      expect(() => decode(tail, VELOR_PROFILE)).toThrow(expect.objectContaining(refusal("MALFORMED_BCS")));
    }
  });

  it("of velor are sorted when written, and no address may sign twice", () => {
    const signatures = [2, 1].map((byte) => ({ address: fill(byte), signature: new Uint8Array(64) }));
    const written = createLedgerInfoWithSignatures(info, { scheme: "ed25519", signatures }, VELOR_PROFILE);
    expect(written.signatures).toMatchObject({ signatures: [{ address: fill(1) }, { address: fill(2) }] });
    const twice = [...signatures, signatures[0] as (typeof signatures)[0]];
    expect(() => createLedgerInfoWithSignatures(info, { scheme: "ed25519", signatures: twice }, VELOR_PROFILE)).toThrow(
      expect.objectContaining(refusal("INVALID_ARGUMENT")),
    );
  });

  it("of aptos are refused with a signature of another length or a bitmap over 8,192 bytes", () => {
    const refused = [
      [1, 0x80, 1, 95, ...new Uint8Array(95)],
      [1, 0x80, 1, 97, ...new Uint8Array(97)],
      [1, 0x80, 2],
      [0x81, 0x40, ...new Uint8Array(8193), 0],
    ];
    for (const tail of refused) {
      expect(() => decode(tail, APTOS_PROFILE)).toThrow(expect.objectContaining(refusal("MALFORMED_BCS")));
    }
    expect(decode([0x80, 0x40, ...new Uint8Array(8192), 0], APTOS_PROFILE).signatures).toMatchObject({
      signature: undefined,
    });
  });
});
